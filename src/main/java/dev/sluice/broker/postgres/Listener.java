package dev.sluice.broker.postgres;

import dev.sluice.broker.Feed;
import dev.sluice.broker.Signal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what nodes tell each other: hands signals to the feed, and wakes this node when the stream has grown. A session
 * and a thread of its own, from start to close; after a break it listens again, and what was told meanwhile is lost.
 */
final class Listener implements AutoCloseable {
    static final String CHANNEL = "sluice";

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final int WAIT_MILLIS = 1_000;

    private final Feed feed;
    private final Runnable wake;
    private final SessionThread thread;
    private final CountDownLatch listening = new CountDownLatch(1);

    Listener(Sessions sessions, Feed feed, Runnable wake, BrokerMetrics metrics, InstantSource ticks) {
        this.feed = feed;
        this.wake = wake;
        this.thread = new SessionThread(
                "sluice-listener", sessions, this::listen, (error, isFirst) -> metrics.reconnected(), ticks);
    }

    void start() {
        thread.start();
    }

    /** Waits until it listens for the first time; answers whether it does. */
    boolean awaitListening(Duration longest) throws InterruptedException {
        return listening.await(longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void listen(Session session) throws SQLException {
        session.execute("LISTEN " + CHANNEL);
        listening.countDown();
        while (!thread.isClosed()) {
            for (PGNotification notification : session.driver().getNotifications(WAIT_MILLIS)) {
                hear(notification.getParameter());
            }
        }
    }

    private void hear(String text) {
        if (SignalText.wakes(text)) {
            wake.run();
        }
        for (Signal signal : SignalText.read(text)) {
            if (!thread.isClosed()) {
                hand(signal);
            }
        }
    }

    private void hand(Signal signal) {
        try {
            feed.signal(signal);
        } catch (RuntimeException | Error e) {
            LOG.error("A signal could not be handed in", e);
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
