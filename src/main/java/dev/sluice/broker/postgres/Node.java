package dev.sluice.broker.postgres;

import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.Position;
import dev.sluice.broker.Retention;
import dev.sluice.broker.Signal;
import dev.sluice.db.Database;
import dev.sluice.settings.DatabaseSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a started broker, and their timers. Thread-safe; closed once. */
final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final Duration LONGEST_START = Duration.ofSeconds(10);
    private static final long EXPIRE_MILLIS = 100;
    private static final long TRIM_MILLIS = 2_000;
    private static final long COUNT_MILLIS = 10_000;
    private static final int MOST_COUNTED = 100_000;

    private final Database database;
    private final BrokerMetrics metrics;
    private final Waiting waiting;
    private final Handoff handoff;
    private final Tail tail;
    private final Teller teller;
    private final Engine engine;
    private final Listener listener;
    private final Trimmer trimmer;
    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(2, work -> {
        Thread thread = new Thread(work, "sluice-broker-timer");
        thread.setDaemon(true);
        return thread;
    });
    private volatile double outbox = Double.NaN;

    Node(
            Feed feed,
            Database database,
            DatabaseSettings direct,
            Duration lease,
            Function<String, Retention> retention,
            int mostChannels,
            InstantSource ticks,
            MeterRegistry registry) {
        this.database = database;
        this.metrics = new BrokerMetrics(registry);
        this.waiting = new Waiting(ticks);
        this.handoff = new Handoff(feed, waiting, retention, metrics);
        ChannelLimit limit = new ChannelLimit(mostChannels, ticks);
        this.tail = new Tail(handoff, limit, ticks);
        this.teller = new Teller(database, metrics);
        this.engine = new Engine(
                () -> Session.open("broker", direct, lease),
                () -> Session.open("broker-watch", direct, Duration.ZERO),
                tail,
                waiting,
                new Publishing(waiting, handoff, limit),
                teller,
                metrics,
                ticks);
        this.listener = new Listener(
                () -> Session.open("broker-signals", direct, Duration.ZERO), feed, waiting::nudge, metrics, ticks);
        this.trimmer = new Trimmer(database, retention, ticks);
    }

    /** Waits, within reason, until the feed misses nothing that is published from now on. */
    void start() {
        registerGauges();
        handoff.start();
        teller.start();
        listener.start();
        engine.start();
        every(EXPIRE_MILLIS, waiting::expire);
        every(TRIM_MILLIS, this::trim);
        every(COUNT_MILLIS, this::count);
        awaitStart();
    }

    private void registerGauges() {
        metrics.gauge("sluice.broker.waiting", "Publishes of this node that wait for their place", waiting::size);
        metrics.gauge(
                "sluice.broker.leads",
                "1 on the node that gives publications their order",
                () -> engine.isLeading() ? 1 : 0);
        metrics.gauge(
                "sluice.broker.outbox",
                "Committed rows of the outbox that wait for the sequencer, up to " + MOST_COUNTED
                        + "; on the node that leads",
                () -> outbox);
    }

    private void awaitStart() {
        try {
            if (!listener.awaitListening(LONGEST_START) || !engine.awaitPlaced(LONGEST_START)) {
                LOG.warn("The database does not answer the broker yet; it goes on trying");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private interface Work {
        void run() throws SQLException;
    }

    private void every(long millis, Work work) {
        var unused = timers.scheduleWithFixedDelay(() -> safely(work), millis, millis, TimeUnit.MILLISECONDS);
    }

    private static void safely(Work work) {
        try {
            work.run();
        } catch (SQLException e) {
            LOG.debug("The database did not answer", e);
        } catch (RuntimeException | Error e) {
            LOG.error("A timer of the broker failed", e);
        }
    }

    private void trim() throws SQLException {
        if (tail.isPlaced()) {
            trimmer.mark(tail.last());
        }
        if (engine.isLeading()) {
            trimmer.trim();
        }
    }

    private void count() throws SQLException {
        outbox = engine.isLeading()
                ? database.call(connection -> {
                    try (PreparedStatement count =
                                    connection.prepareStatement("SELECT count(*) FROM (SELECT FROM sluice.outbox LIMIT "
                                            + MOST_COUNTED + ") AS waiting");
                            ResultSet result = count.executeQuery()) {
                        result.next();
                        return result.getDouble(1);
                    }
                })
                : Double.NaN;
    }

    CompletionStage<Position> publish(Draft draft) {
        return waiting.offer(draft).whenComplete((position, error) -> {
            if (error != null) {
                metrics.failed(error);
            }
        });
    }

    void signal(Signal signal) {
        teller.signal(signal);
    }

    boolean isLeading() {
        return engine.isLeading();
    }

    /** First nothing more comes in, then what was sent may be answered, then the rest fails. */
    @Override
    public void close() {
        waiting.refuse();
        listener.close();
        timers.shutdownNow();
        engine.close();
        handoff.close();
        waiting.close();
        teller.close();
        metrics.close();
    }
}
