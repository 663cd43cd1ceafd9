package dev.sluice.broker.postgres;

import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Writes publishes of this node, many in one transaction. For one thread; lives as long as its session.
 *
 * <p>On the leader they go straight into the stream, elsewhere into the outbox: the stream has one writer, the session
 * that leads.
 */
final class GroupCommit {
    static final int MOST = 500;
    static final long MOST_BYTES = 4L << 20;

    /** What became of a batch: the rows that are new, and the places of the first ones where a key was seen before. */
    record Result(List<Row> rows, Map<Long, Position> duplicates) {}

    private static final String DRAFTS = """
            unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
            WITH ORDINALITY AS d (channel, event, key, data, info, token, n)
            """;

    /** The text of a row is known here already: it does not come back. */
    private static final String DIRECT = """
            WITH draft AS MATERIALIZED (SELECT * FROM %s)
            %s
            (SELECT id, token, channel, epoch, chan_offset, '' AS event, '' AS data, '' AS info,
                    (extract(epoch FROM created) * 1000)::bigint AS millis
             FROM put ORDER BY id)
            UNION ALL
            SELECT NULL, d.token, d.channel, coalesce(p.epoch, i.epoch), coalesce(p.chan_offset, i.chan_offset),
                   '', '', '', NULL
            FROM draft AS d
            LEFT JOIN placed AS p ON p.channel = d.channel AND p.key = d.key
            LEFT JOIN LATERAL (
                SELECT epoch, chan_offset FROM sluice.idempotency AS i WHERE i.channel = d.channel AND i.key = d.key
                LIMIT 1) AS i ON p.key IS NULL
            WHERE d.key <> '' AND d.n IS DISTINCT FROM p.n
            """.formatted(DRAFTS, Placing.STEPS);

    private static final String OUTBOX =
            "INSERT INTO sluice.outbox (channel, event, idempotency_key, data, info, token)"
                    + " SELECT channel, event, nullif(key, ''), data, info, token FROM " + DRAFTS + " ORDER BY n";

    private static final String SEEN = """
            SELECT d.token, i.epoch, i.chan_offset
            FROM unnest(?::text[], ?::text[], ?::bigint[]) AS d (channel, key, token)
            CROSS JOIN LATERAL (
                SELECT epoch, chan_offset FROM sluice.idempotency AS i
                WHERE i.channel = d.channel AND i.key = d.key AND i.created > now() - interval '5 min' LIMIT 1) AS i
            """;

    private static final String CHANNELS = "SELECT count(*) FROM (SELECT FROM sluice.channel LIMIT ?) AS known";

    private static final String NEW_CHANNELS = """
            SELECT DISTINCT d.channel FROM unnest(?::text[]) AS d (channel)
            WHERE (SELECT true FROM sluice.channel AS c WHERE c.channel = d.channel) IS NULL
            """;

    private final Session session;
    private final PreparedStatement direct;
    private final PreparedStatement outbox;
    private final PreparedStatement seen;
    private final PreparedStatement channels;
    private final PreparedStatement newChannels;

    GroupCommit(Session session) throws SQLException {
        this.session = session;
        direct = session.prepare(DIRECT);
        outbox = session.prepare(OUTBOX);
        seen = session.prepare(SEEN);
        channels = session.prepare(CHANNELS);
        newChannels = session.prepare(NEW_CHANNELS);
    }

    /** Puts them into the stream; only on the session that leads. */
    Result direct(List<Entry> entries) throws SQLException {
        bind(direct, entries);
        Map<Long, Draft> drafts = new HashMap<>();
        entries.forEach(entry -> drafts.put(entry.token(), entry.draft()));
        try (ResultSet result = direct.executeQuery()) {
            List<Row> rows = new ArrayList<>();
            Map<Long, Position> duplicates = new HashMap<>();
            while (result.next()) {
                Row row = Row.read(result);
                if (row.id() > 0) {
                    rows.add(row.with(Objects.requireNonNull(drafts.get(row.token()))));
                } else {
                    duplicates.put(row.token(), row.publication().position());
                }
            }
            return new Result(rows, duplicates);
        }
    }

    /** Puts them into the outbox. */
    void outbox(List<Entry> entries) throws SQLException {
        bind(outbox, entries);
        outbox.executeUpdate();
    }

    /** Of publishes that may be duplicates: the places of the first ones with their keys, by the tokens of these. */
    Map<Long, Position> seen(List<Entry> entries) throws SQLException {
        seen.setArray(1, texts(entries, Draft::channel));
        seen.setArray(2, texts(entries, Draft::idempotencyKey));
        seen.setArray(3, tokens(entries));
        try (ResultSet result = seen.executeQuery()) {
            Map<Long, Position> places = new HashMap<>();
            while (result.next()) {
                places.put(
                        result.getLong("token"),
                        new Position(result.getString("epoch"), result.getLong("chan_offset")));
            }
            return places;
        }
    }

    /** How many channels the database knows; counts no further than told. */
    int channels(int most) throws SQLException {
        channels.setInt(1, most);
        try (ResultSet result = channels.executeQuery()) {
            result.next();
            return result.getInt(1);
        }
    }

    /** The channels of a batch that the database does not know. */
    Set<String> newChannels(List<Entry> entries) throws SQLException {
        newChannels.setArray(1, texts(entries, Draft::channel));
        try (ResultSet result = newChannels.executeQuery()) {
            Set<String> names = new HashSet<>();
            while (result.next()) {
                names.add(result.getString(1));
            }
            return names;
        }
    }

    private void bind(PreparedStatement statement, List<Entry> entries) throws SQLException {
        statement.setArray(1, texts(entries, Draft::channel));
        statement.setArray(2, texts(entries, Draft::event));
        statement.setArray(3, texts(entries, Draft::idempotencyKey));
        statement.setArray(4, texts(entries, Draft::data));
        statement.setArray(5, texts(entries, Draft::info));
        statement.setArray(6, tokens(entries));
    }

    private java.sql.Array texts(List<Entry> entries, Function<Draft, String> field) throws SQLException {
        return session.array(
                "text", entries.stream().map(Entry::draft).map(field).toArray(String[]::new));
    }

    private java.sql.Array tokens(List<Entry> entries) throws SQLException {
        return session.array("bigint", entries.stream().map(Entry::token).toArray(Long[]::new));
    }
}
