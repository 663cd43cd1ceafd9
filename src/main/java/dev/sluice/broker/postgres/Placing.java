package dev.sluice.broker.postgres;

/**
 * The SQL that gives drafts their places in the stream: one statement, so that all of it is one snapshot, one
 * transaction and one round trip. It begins with a relation {@code draft (channel, event, key, data, info, token, n)} in
 * the order of {@code n}; only the leader runs it, so that what it reads cannot change under it.
 *
 * <p>Rows of other tables are looked up one by one in subqueries: a join would be free to read a whole table when the
 * statistics are old.
 */
final class Placing {
    /** Gives the relation {@code put}, the rows of the stream as {@link Row#COLUMNS} need them. */
    static final String STEPS = """
            , fresh AS MATERIALIZED (
                SELECT * FROM draft WHERE key = ''
                UNION ALL (
                SELECT DISTINCT ON (channel, key) * FROM draft AS d
                WHERE key <> '' AND (
                    SELECT true FROM sluice.idempotency AS i
                    WHERE i.channel = d.channel AND i.key = d.key AND i.created > now() - interval '5 min') IS NULL
                ORDER BY channel, key, n)
            ), known AS MATERIALIZED (
                SELECT c.channel,
                       (SELECT k.epoch FROM sluice.channel AS k WHERE k.channel = c.channel) AS epoch,
                       greatest(
                           (SELECT k.top_offset FROM sluice.channel AS k WHERE k.channel = c.channel),
                           (SELECT s.chan_offset FROM sluice.stream AS s WHERE s.channel = c.channel
                            ORDER BY s.chan_offset DESC LIMIT 1),
                           0) AS top
                FROM (SELECT DISTINCT channel FROM fresh) AS c
            ), made AS (
                INSERT INTO sluice.channel (channel, epoch)
                SELECT channel, (SELECT e.epoch FROM sluice.epoch AS e) FROM known WHERE epoch IS NULL
            ), placed AS MATERIALIZED (
                SELECT f.*, coalesce(k.epoch, (SELECT e.epoch FROM sluice.epoch AS e)) AS epoch,
                       k.top + row_number() OVER (PARTITION BY f.channel ORDER BY f.n) AS chan_offset
                FROM fresh AS f JOIN known AS k ON k.channel = f.channel
            ), put AS (
                INSERT INTO sluice.stream (channel, chan_offset, epoch, event, data, info, token)
                SELECT channel, chan_offset, epoch, event, data, info, token FROM placed ORDER BY n
                RETURNING *
            ), keyed AS (
                INSERT INTO sluice.idempotency AS i (channel, key, epoch, chan_offset)
                SELECT channel, key, epoch, chan_offset FROM placed WHERE key <> ''
                ON CONFLICT (channel, key) DO UPDATE
                SET epoch = excluded.epoch, chan_offset = excluded.chan_offset, created = excluded.created
            )
            """;

    private Placing() {}
}
