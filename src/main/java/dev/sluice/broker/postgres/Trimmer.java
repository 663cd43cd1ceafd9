package dev.sluice.broker.postgres;

import dev.sluice.broker.Retention;
import dev.sluice.db.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * Deletes what retention no longer allows, channel after channel in the order of their names, round and round; on the
 * node that leads. It may run beside the leader's session, and even on two nodes at once: when the newest row of a
 * channel goes, its offset is written down in the same transaction, so that the top is never lost. For one thread.
 */
final class Trimmer {
    private static final int CHANNELS = 1_000;
    private static final int ROWS = 5_000;

    private static final String CHANNELS_AFTER =
            "SELECT channel FROM sluice.channel WHERE channel > ? ORDER BY channel LIMIT " + CHANNELS;

    private static final String TRIM = """
            WITH head AS (
                SELECT p.*, c.forgotten,
                       greatest(
                           c.top_offset,
                           (SELECT s.chan_offset FROM sluice.stream AS s WHERE s.channel = p.channel
                            ORDER BY s.chan_offset DESC LIMIT 1)) AS top
                FROM unnest(?::text[], ?::bigint[], ?::float8[]) AS p (channel, size, age)
                CROSS JOIN LATERAL (
                    SELECT forgotten, top_offset FROM sluice.channel AS c WHERE c.channel = p.channel OFFSET 0) AS c
            ), low AS MATERIALIZED (
                SELECT h.channel, h.top, coalesce(
                    (SELECT s.chan_offset - 1 FROM sluice.stream AS s
                     WHERE s.channel = h.channel AND s.chan_offset > greatest(h.forgotten, h.top - h.size)
                       AND s.created > now() - h.age * interval '1 second'
                     ORDER BY s.chan_offset LIMIT 1),
                    h.top) AS low
                FROM head AS h
            ), gone AS (
                DELETE FROM sluice.stream WHERE id = ANY (ARRAY(
                    SELECT old.id FROM low AS l CROSS JOIN LATERAL (
                        SELECT s.id FROM sluice.stream AS s
                        WHERE s.channel = l.channel AND s.chan_offset <= l.low AND s.id <= ?
                        ORDER BY s.chan_offset LIMIT %1$d) AS old
                    LIMIT %1$d))
                RETURNING channel, chan_offset
            ), emptied AS (
                UPDATE sluice.channel AS c SET top_offset = greatest(c.top_offset, l.top), emptied = now()
                FROM low AS l
                WHERE c.channel = l.channel
                  AND EXISTS (SELECT FROM gone AS g WHERE g.channel = l.channel AND g.chan_offset = l.top)
            )
            SELECT count(*) FROM gone
            """.formatted(ROWS);

    /** Looks at the age again: the leader may be renewing the row. */
    private static final String OLD_KEYS = """
            DELETE FROM sluice.idempotency
            WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM sluice.idempotency WHERE created < now() - interval '5 min' LIMIT %d))
              AND created < now() - interval '5 min'
            """.formatted(ROWS);

    private record Mark(Instant time, long id) {}

    private final Database database;
    private final Function<String, Retention> retention;
    private final InstantSource ticks;
    private final Deque<Mark> marks = new ArrayDeque<>();
    private String lastChannel = "";
    private long settled;

    Trimmer(Database database, Function<String, Retention> retention, InstantSource ticks) {
        this.database = database;
        this.retention = retention;
        this.ticks = ticks;
    }

    /** Notes how far the stream is: rows up to there may go once all nodes have had the time to read them. */
    void mark(long id) {
        Instant now = ticks.instant();
        marks.add(new Mark(now, id));
        Instant old = now.minus(Tail.TRANSIT);
        while (!marks.isEmpty() && !marks.getFirst().time().isAfter(old)) {
            settled = marks.removeFirst().id();
        }
    }

    /** One page of channels, and old keys; answers how many rows of the stream went. */
    int trim() throws SQLException {
        return database.call(connection -> {
            try (PreparedStatement keys = connection.prepareStatement(OLD_KEYS)) {
                keys.executeUpdate();
            }
            List<String> channels = nextChannels(connection);
            int gone = channels.isEmpty() ? 0 : trim(connection, channels);
            if (gone < ROWS) {
                lastChannel = channels.size() < CHANNELS ? "" : channels.get(channels.size() - 1);
            }
            return gone;
        });
    }

    private List<String> nextChannels(Connection connection) throws SQLException {
        try (PreparedStatement next = connection.prepareStatement(CHANNELS_AFTER)) {
            next.setString(1, lastChannel);
            try (ResultSet result = next.executeQuery()) {
                List<String> channels = new ArrayList<>();
                while (result.next()) {
                    channels.add(result.getString(1));
                }
                return channels;
            }
        }
    }

    private int trim(Connection connection, List<String> channels) throws SQLException {
        List<Retention> kept = channels.stream().map(retention).toList();
        try (PreparedStatement trim = connection.prepareStatement(TRIM)) {
            trim.setArray(1, connection.createArrayOf("text", channels.toArray()));
            trim.setArray(
                    2,
                    connection.createArrayOf(
                            "bigint",
                            kept.stream().map(one -> (long) one.size()).toArray()));
            trim.setArray(
                    3,
                    connection.createArrayOf(
                            "float8", kept.stream().map(Archive::seconds).toArray()));
            trim.setLong(4, settled);
            try (ResultSet result = trim.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }
}
