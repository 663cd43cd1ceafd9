package dev.sluice.broker.postgres;

import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Retention;
import dev.sluice.db.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What is kept of channels: read, forgotten, replaced, each by one statement, which is one moment. What retention no
 * longer allows is not shown, whether it is still there or not. A few threads and connections; what waits for them is
 * bounded, and is not begun any more when it has waited too long. Thread-safe; closed once.
 */
final class Archive implements AutoCloseable {
    static final int MOST_WAITING = 10_000;
    /**
     * Bytes of data after which no more is read: three for each of the half million characters that hubs hand on at most,
     * so that nothing is cut here that they would not cut.
     */
    static final int ENOUGH_BYTES = 3 * 512 * 1024;

    static final int THREADS = 4;
    /** As long as hubs wait for a reading. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    /**
     * Of a channel: its epoch, its top, and the offset behind which publications are kept. Looks for the oldest that is
     * young enough, from the oldest on: what follows it is kept as a whole, even if somebody has set the clock back.
     * Parameters: channel, channel, size, age in seconds.
     */
    private static final String KEPT = """
            WITH head AS (
                SELECT coalesce(c.epoch, e.epoch) AS epoch, coalesce(c.forgotten, 0) AS forgotten, n.channel,
                       greatest(
                           c.top_offset,
                           (SELECT s.chan_offset FROM sluice.stream AS s WHERE s.channel = n.channel
                            ORDER BY s.chan_offset DESC LIMIT 1),
                           0) AS top
                FROM (SELECT ?::text AS channel) AS n
                CROSS JOIN sluice.epoch AS e
                LEFT JOIN sluice.channel AS c ON c.channel = n.channel
            ), kept AS (
                SELECT h.*, coalesce(
                    (SELECT s.chan_offset - 1 FROM sluice.stream AS s
                     WHERE s.channel = h.channel AND s.chan_offset > greatest(h.forgotten, h.top - ?)
                       AND s.created > now() - ? * interval '1 second'
                     ORDER BY s.chan_offset LIMIT 1),
                    h.top) AS low
                FROM head AS h
            )
            """;

    /** What the length of a large text is, PostgreSQL knows without reading it. */
    private static final String READ = KEPT + """
            SELECT k.epoch AS top_epoch, k.top, r.* FROM kept AS k LEFT JOIN LATERAL (
                SELECT * FROM (
                    SELECT wanted.*, coalesce(sum(octet_length(data)) OVER (
                        ORDER BY chan_offset %3$s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
                    FROM (
                        SELECT %1$s FROM sluice.stream AS s
                        WHERE s.channel = k.channel AND s.chan_offset > k.low AND s.chan_offset %2$s ?
                        ORDER BY s.chan_offset %3$s LIMIT ?) AS wanted) AS measured
                WHERE bytes_before < %4$d ORDER BY chan_offset %3$s) AS r ON true
            """;

    private static final String OLDEST_FIRST = READ.formatted(Row.COLUMNS, ">", "ASC", ENOUGH_BYTES);
    private static final String NEWEST_FIRST = READ.formatted(Row.COLUMNS, "<", "DESC", ENOUGH_BYTES);

    private static final String REPLACE = KEPT + "UPDATE sluice.stream AS s SET data = ? FROM kept AS k"
            + " WHERE s.channel = k.channel AND s.chan_offset = ? AND s.chan_offset > k.low";

    private static final String FORGET = """
            UPDATE sluice.channel AS c
            SET forgotten = greatest(
                c.forgotten, c.top_offset,
                (SELECT s.chan_offset FROM sluice.stream AS s WHERE s.channel = c.channel
                 ORDER BY s.chan_offset DESC LIMIT 1))
            WHERE c.channel = ?
            """;

    private final Database database;
    private final Function<String, Retention> retention;
    private final InstantSource ticks;
    private final ThreadPoolExecutor executor;
    private volatile boolean away;

    Archive(Database database, Function<String, Retention> retention, InstantSource ticks) {
        this.database = database;
        this.retention = retention;
        this.ticks = ticks;
        this.executor = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), work -> {
                    Thread thread = new Thread(work, "sluice-archive");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    CompletionStage<History> history(String channel, History.Query query) {
        Retention kept = retention.apply(channel);
        if (!kept.keeps()) {
            return CompletableFuture.completedFuture(new History(Position.NONE, List.of()));
        }
        return submit(
                Reason.UNAVAILABLE,
                () -> database.call(connection -> {
                    try (PreparedStatement read =
                            connection.prepareStatement(query.reverse() ? NEWEST_FIRST : OLDEST_FIRST)) {
                        bind(read, channel, kept);
                        read.setLong(4, query.reverse() && query.after() < 0 ? Long.MAX_VALUE : query.after());
                        read.setInt(5, query.limit());
                        return read(read);
                    }
                }));
    }

    private static History read(PreparedStatement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery()) {
            result.next();
            Position top = new Position(result.getString("top_epoch"), result.getLong("top"));
            List<Publication> publications = new ArrayList<>();
            do {
                if (result.getLong("id") > 0) {
                    publications.add(Row.publication(result));
                }
            } while (result.next());
            return new History(top, publications);
        }
    }

    CompletionStage<Boolean> replace(String channel, long offset, String data) {
        return submit(
                Reason.UNKNOWN,
                () -> database.call(connection -> {
                    try (PreparedStatement replace = connection.prepareStatement(REPLACE)) {
                        bind(replace, channel, retention.apply(channel));
                        replace.setString(4, data);
                        replace.setLong(5, offset);
                        return replace.executeUpdate() > 0;
                    }
                }));
    }

    /** They are hidden now and deleted later: other nodes may be about to read them. */
    CompletionStage<Void> forget(String channel) {
        return submit(
                        Reason.UNKNOWN,
                        () -> database.call(connection -> {
                            try (PreparedStatement forget = connection.prepareStatement(FORGET)) {
                                forget.setString(1, channel);
                                return forget.executeUpdate();
                            }
                        }))
                .thenAccept(count -> {});
    }

    private static void bind(PreparedStatement statement, String channel, Retention kept) throws SQLException {
        statement.setString(1, channel);
        statement.setInt(2, kept.size());
        statement.setDouble(3, seconds(kept));
    }

    static double seconds(Retention kept) {
        return kept.age().toMillis() / 1000.0;
    }

    private interface Work<T> {
        T get() throws SQLException;
    }

    private <T> CompletionStage<T> submit(Reason ifBroken, Work<T> work) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        Instant end = ticks.instant().plus(PATIENCE);
        try {
            executor.execute(() -> begin(answer, end, ifBroken, work));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(executor.isShutdown() ? closed() : full(e));
        }
        return answer;
    }

    /** Unless nobody waits for it any more: after an outage those who ask now have their turn at once. */
    private <T> void begin(CompletableFuture<T> answer, Instant end, Reason ifBroken, Work<T> work) {
        if (executor.isShutdown()) {
            answer.completeExceptionally(closed());
        } else if (ticks.instant().isAfter(end)) {
            answer.completeExceptionally(
                    new BrokerException(Reason.UNAVAILABLE, "the database had no time for it within " + PATIENCE));
        } else if (!answer.isDone()) {
            complete(answer, ifBroken, work);
        }
    }

    private <T> void complete(CompletableFuture<T> answer, Reason ifBroken, Work<T> work) {
        try {
            T result = work.get();
            away = false;
            answer.complete(result);
        } catch (SQLException e) {
            away = true;
            answer.completeExceptionally(new BrokerException(ifBroken, "the database did not answer: " + e, e));
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
    }

    private BrokerException full(RejectedExecutionException error) {
        return new BrokerException(
                away ? Reason.UNAVAILABLE : Reason.OVERLOADED, "too much waits for the database already", error);
    }

    private static BrokerException closed() {
        return new BrokerException(Reason.UNAVAILABLE, "the broker is closed");
    }

    /** What waits fails; what is being read comes to its end. */
    @Override
    public void close() {
        List<Runnable> unread = executor.shutdownNow();
        unread.forEach(Runnable::run);
    }
}
