package dev.sluice.broker.postgres;

import dev.sluice.broker.Retention;
import dev.sluice.db.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.postgresql.PGStatement;

/**
 * Deletes what retention no longer allows, channel after channel in the order of their names, round and round; on the
 * node that leads. A channel with more than goes at once is passed by and come back to, in turn with others like it and
 * with the round: it is soon down to its size, and keeps no other from its turn. It may run beside the leader's session,
 * and even on two nodes at once: when the newest row of a channel goes, its offset is written down in the same
 * transaction, so that the top is never lost. For one thread; who interrupts it waits for one statement at most.
 */
final class Trimmer {
    /** As long as the pause between two runs, so that half of the time is left to what is being published. */
    static final Duration LONGEST = Duration.ofSeconds(2);

    private static final int CHANNELS = 1_000;
    /** Of a transaction, which is short, so that nothing is held up by its locks. */
    private static final int ROWS = 5_000;
    /** Of a run, with little to delete: a million idle channels are looked at within minutes, and not all the time. */
    private static final int PAGES = 10;
    /** What is not remembered waits for the next round. */
    private static final int MOST_BEHIND = 1_000;

    private static final String CHANNELS_AFTER =
            "SELECT channel FROM sluice.channel WHERE channel > ? ORDER BY channel LIMIT " + CHANNELS;

    /**
     * Offsets have no gaps: a range of them is a batch, and what lies behind it is neither read nor sorted, however much
     * it is and whatever the statistics say.
     */
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
                    h.top) AS low,
                    (SELECT s.chan_offset FROM sluice.stream AS s WHERE s.channel = h.channel
                     ORDER BY s.chan_offset LIMIT 1) AS oldest
                FROM head AS h
            ), gone AS (
                DELETE FROM sluice.stream WHERE id = ANY (ARRAY(
                    SELECT old.id FROM low AS l CROSS JOIN LATERAL (
                        SELECT s.id FROM sluice.stream AS s
                        WHERE s.channel = l.channel AND s.id <= ?
                          AND s.chan_offset BETWEEN l.oldest AND least(l.low, l.oldest + %1$d - 1)
                        OFFSET 0) AS old
                    LIMIT %1$d))
                RETURNING channel, chan_offset
            ), emptied AS (
                UPDATE sluice.channel AS c SET top_offset = greatest(c.top_offset, l.top), emptied = now()
                FROM low AS l
                WHERE c.channel = l.channel
                  AND EXISTS (SELECT FROM gone AS g WHERE g.channel = l.channel AND g.chan_offset = l.top)
            )
            SELECT count(*), max(channel) FROM gone
            """.formatted(ROWS);

    /** Looks at the age again, without an index: the leader may be renewing the row. */
    private static final String OLD_KEYS = """
            DELETE FROM sluice.idempotency
            WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM sluice.idempotency WHERE created < now() - interval '5 min'
                ORDER BY created LIMIT %d))
              AND now() - created > interval '5 min'
            """.formatted(ROWS);

    private record Mark(Instant time, long id) {}

    /** How many rows went, and of which channel the last ones. */
    private record Batch(int rows, String last) {
        boolean isFull() {
            return rows == ROWS;
        }
    }

    private final Database database;
    private final Function<String, Retention> retention;
    private final InstantSource ticks;
    private final Deque<Mark> marks = new ArrayDeque<>();
    private final Set<String> behind = new LinkedHashSet<>();
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

    /** Goes on until nothing is left, or its time is over; answers how many rows of the stream went. */
    int trim() throws SQLException {
        Instant end = ticks.instant().plus(LONGEST);
        boolean keys = true;
        int pages = PAGES;
        int gone = 0;
        do {
            keys = keys && deleteOldKeys() == ROWS;
            if (pages > 0) {
                int rows = trimNextPage();
                gone += rows;
                pages = lastChannel.isEmpty() ? 0 : rows == ROWS ? pages : pages - 1;
            }
            gone += trimNextBehind();
        } while ((keys || pages > 0 || !behind.isEmpty()) && goesOn(end));
        return gone;
    }

    private boolean goesOn(Instant end) {
        return ticks.instant().isBefore(end) && !Thread.currentThread().isInterrupted();
    }

    private int deleteOldKeys() throws SQLException {
        return database.call(connection -> {
            try (PreparedStatement keys = planned(connection, OLD_KEYS)) {
                return keys.executeUpdate();
            }
        });
    }

    /** Moves on first: a page that cannot be trimmed keeps no other from its turn. */
    private int trimNextPage() throws SQLException {
        List<String> channels = database.call(this::nextChannels);
        lastChannel = channels.size() < CHANNELS ? "" : channels.get(channels.size() - 1);
        if (channels.isEmpty()) {
            return 0;
        }
        Batch batch = trim(channels);
        if (batch.isFull()) {
            lastChannel = batch.last();
        }
        return batch.rows();
    }

    private int trimNextBehind() throws SQLException {
        Iterator<String> first = behind.iterator();
        if (!first.hasNext()) {
            return 0;
        }
        String channel = first.next();
        first.remove();
        return trim(List.of(channel)).rows();
    }

    private Batch trim(List<String> channels) throws SQLException {
        Batch batch = database.call(connection -> trim(connection, channels));
        if (batch.isFull() && behind.size() < MOST_BEHIND) {
            behind.add(batch.last());
        }
        return batch;
    }

    /** Planned each time: a plan that was made while the tables were empty would read them as a whole, row by row. */
    private static PreparedStatement planned(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
        return statement;
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

    private Batch trim(Connection connection, List<String> channels) throws SQLException {
        List<Retention> kept = channels.stream().map(retention).toList();
        try (PreparedStatement trim = planned(connection, TRIM)) {
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
                return new Batch(result.getInt(1), Objects.requireNonNullElse(result.getString(2), ""));
            }
        }
    }
}
