package dev.sluice.broker.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that talks to the database for one node, on one session of its own: it follows until it gets the lead, then
 * leads; when the session breaks it makes another and goes on where it was. Started and closed once.
 */
final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final Duration CLOSING = Duration.ofSeconds(1);

    private final Sessions sessions;
    private final Sessions watchSessions;
    private final Tail tail;
    private final Waiting waiting;
    private final Publishing publishing;
    private final Teller teller;
    private final BrokerMetrics metrics;
    private final InstantSource ticks;
    private final Thread thread = new Thread(this::run, "sluice-broker");
    private final CountDownLatch placed = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Optional<Session> open = Optional.empty();
    private volatile boolean leading;
    private boolean isReported;

    Engine(
            Sessions sessions,
            Sessions watchSessions,
            Tail tail,
            Waiting waiting,
            Publishing publishing,
            Teller teller,
            BrokerMetrics metrics,
            InstantSource ticks) {
        this.sessions = sessions;
        this.watchSessions = watchSessions;
        this.tail = tail;
        this.waiting = waiting;
        this.publishing = publishing;
        this.teller = teller;
        this.metrics = metrics;
        this.ticks = ticks;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Waits until it knows where the stream stands; answers whether it does. */
    boolean awaitPlaced(Duration longest) throws InterruptedException {
        return placed.await(longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    boolean isLeading() {
        return leading;
    }

    private void run() {
        Backoff backoff = new Backoff();
        while (!isClosed()) {
            try (Session session = sessions.open()) {
                open = Optional.of(session);
                backoff.reset();
                serve(session);
            } catch (SQLException | RuntimeException e) {
                report(e);
            }
            leading = false;
            open = Optional.empty();
            pause(backoff.next());
        }
    }

    private void serve(Session session) throws SQLException {
        StreamReader reader = new StreamReader(session);
        GroupCommit commit = new GroupCommit(session);
        tail.catchUp(reader);
        placed.countDown();
        isReported = false;
        Follower follower = new Follower(session, reader, commit, tail, waiting, publishing, ticks);
        if (follower.follow(this::isClosed)) {
            leading = true;
            LOG.info("This node leads: it gives publications their order");
            new Leader(session, reader, commit, tail, waiting, publishing, teller, metrics, ticks)
                    .lead(watchSessions, this::isClosed);
        }
    }

    private boolean isClosed() {
        return closing.getCount() == 0;
    }

    private void report(Exception error) {
        if (isClosed()) {
            LOG.debug("Closed", error);
        } else {
            metrics.reconnected();
            if (!isReported) {
                LOG.warn("The broker has no connection to the database; it goes on trying: {}", error.getMessage());
                isReported = true;
            }
            LOG.debug("Why there is no connection", error);
        }
    }

    private void pause(Duration time) {
        try {
            if (closing.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("Closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing.countDown();
        }
    }

    /** Lets the statement that runs come to its end, for a second; then breaks it off. */
    @Override
    public void close() {
        closing.countDown();
        waiting.nudge();
        try {
            thread.join(CLOSING.toMillis());
            open.ifPresent(Session::abort);
            thread.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
