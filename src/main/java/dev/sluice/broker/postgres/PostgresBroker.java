package dev.sluice.broker.postgres;

import dev.sluice.broker.Broker;
import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Retention;
import dev.sluice.broker.Signal;
import dev.sluice.db.Database;
import dev.sluice.settings.DatabaseSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The broker of all nodes on one PostgreSQL: what it has acknowledged outlives them, and {@code sluice.publish} reaches
 * it from SQL. Thread-safe.
 *
 * <p>One node leads, by a lock of the very session that writes the stream; a leader that falls silent loses the session,
 * and with it the lock, after the lease. It gives publications their places; the others read them from the stream. All
 * nodes hand to their feeds what is in the stream, in its order, and nothing else: {@link Handoff}, {@link Tail}.
 */
public final class PostgresBroker implements Broker {
    private static final Duration LEASE = Duration.ofSeconds(5);

    private final Database database;
    private final DatabaseSettings direct;
    private final Duration lease;
    private final Function<String, Retention> retention;
    private final int mostChannels;
    private final InstantSource ticks;
    private final MeterRegistry metrics;
    private final Archive archive;
    private volatile Optional<Node> node = Optional.empty();
    private volatile boolean closed;

    /**
     * @param database for short statements
     * @param direct the same database, without a pooler that shares sessions between clients
     * @param retention of a channel; the same on all nodes
     * @param mostChannels channels that the database may know; the same on all nodes. {@code sluice.publish} may make more
     * @param ticks for durations
     */
    public PostgresBroker(
            Database database,
            DatabaseSettings direct,
            Function<String, Retention> retention,
            int mostChannels,
            InstantSource ticks,
            MeterRegistry metrics) {
        this(database, direct, LEASE, retention, mostChannels, ticks, metrics);
    }

    /** @param lease how long a leader may be silent, by the clock of the server */
    PostgresBroker(
            Database database,
            DatabaseSettings direct,
            Duration lease,
            Function<String, Retention> retention,
            int mostChannels,
            InstantSource ticks,
            MeterRegistry metrics) {
        this.database = database;
        this.direct = direct;
        this.lease = lease;
        this.retention = retention;
        this.mostChannels = mostChannels;
        this.ticks = ticks;
        this.metrics = metrics;
        this.archive = new Archive(database, retention, ticks);
    }

    @Override
    public synchronized void start(Feed feed) {
        if (closed || node.isPresent()) {
            throw new IllegalStateException("a broker is started once");
        }
        Node started = new Node(feed, database, direct, lease, retention, mostChannels, ticks, metrics);
        node = Optional.of(started);
        started.start();
    }

    @Override
    public CompletionStage<Position> publish(Draft draft) {
        return node.map(started -> started.publish(draft)).orElseGet(PostgresBroker::unavailable);
    }

    @Override
    public CompletionStage<History> history(String channel, History.Query query) {
        return archive.history(channel, query);
    }

    @Override
    public CompletionStage<Void> forget(String channel) {
        return archive.forget(channel);
    }

    @Override
    public CompletionStage<Boolean> replace(String channel, long offset, String data) {
        return archive.replace(channel, offset, data);
    }

    @Override
    public void signal(Signal signal) {
        if (!closed) {
            node.ifPresent(started -> started.signal(signal));
        }
    }

    private static <T> CompletionStage<T> unavailable() {
        return CompletableFuture.failedFuture(new BrokerException(Reason.UNAVAILABLE, "the broker is not started"));
    }

    /** Whether this node gives publications their order. */
    boolean isLeading() {
        return node.map(Node::isLeading).orElse(false);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            node.ifPresent(Node::close);
            archive.close();
        }
    }
}
