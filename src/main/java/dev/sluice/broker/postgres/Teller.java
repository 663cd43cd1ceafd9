package dev.sluice.broker.postgres;

import dev.sluice.broker.Signal;
import dev.sluice.db.Database;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what nodes tell each other, as notifications: whatever has come while the last ones were sent goes in one
 * transaction. Bounded; what finds no room, or no database, is lost and counted. A thread of its own, from start to
 * close. Thread-safe.
 */
final class Teller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Teller.class);
    private static final int MOST_WAITING = 10_000;
    private static final int MOST_AT_ONCE = 1_000;
    private static final String NOTIFY = "SELECT pg_notify(?, text) FROM unnest(?::text[]) AS text";
    private static final Signal WAKE = new Signal("", "", "", "");

    private final Notifier notifier;
    private final BrokerMetrics metrics;
    private final BlockingQueue<Signal> queue = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicBoolean wakes = new AtomicBoolean();
    private final SignalText text = new SignalText();
    private final Thread thread = new Thread(this::run, "sluice-signals");
    private volatile boolean closed;

    /** Sends texts to all nodes. */
    @FunctionalInterface
    interface Notifier {
        void notify(List<String> texts) throws SQLException;
    }

    Teller(Database database, BrokerMetrics metrics) {
        this(texts -> notify(database, texts), metrics);
    }

    Teller(Notifier notifier, BrokerMetrics metrics) {
        this.notifier = notifier;
        this.metrics = metrics;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void signal(Signal signal) {
        if (!SignalText.fits(signal)) {
            LOG.warn("A signal {} of {} is too large, or no JSON", signal.kind(), signal.channel());
            metrics.lostSignals(1);
        } else if (!queue.offer(signal)) {
            metrics.lostSignals(1);
        }
    }

    /** Tells the others that the stream has grown. */
    void wake() {
        if (wakes.compareAndSet(false, true) && !queue.offer(WAKE)) {
            wakes.set(false);
        }
    }

    private void run() {
        List<Signal> batch = new ArrayList<>();
        while (!closed) {
            try {
                batch.add(queue.take());
                queue.drainTo(batch, MOST_AT_ONCE - 1);
                send(batch);
            } catch (InterruptedException e) {
                LOG.debug("Interrupted", e);
            }
            batch.clear();
        }
    }

    private void send(List<Signal> batch) {
        wakes.set(false);
        List<Signal> signals =
                batch.stream().filter(signal -> !signal.equals(WAKE)).toList();
        try {
            notifier.notify(text.write(signals, signals.size() < batch.size()));
        } catch (SQLException e) {
            LOG.debug("Signals could not be told", e);
            metrics.lostSignals(signals.size());
        } catch (RuntimeException | Error e) {
            LOG.error("Signals could not be told", e);
            metrics.lostSignals(signals.size());
        }
    }

    private static void notify(Database database, List<String> texts) throws SQLException {
        database.call(connection -> {
            try (PreparedStatement notify = connection.prepareStatement(NOTIFY)) {
                notify.setString(1, Listener.CHANNEL);
                notify.setArray(2, connection.createArrayOf("text", texts.toArray()));
                return notify.execute();
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
