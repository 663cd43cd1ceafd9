package dev.sluice.broker.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What talks to the database for one node, on a thread and a session of its own: it follows until it gets the lead, then
 * leads; with another session it goes on where it was. Started and closed once.
 */
final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final Duration CLOSING = Duration.ofSeconds(1);

    private final Sessions watchSessions;
    private final Tail tail;
    private final Waiting waiting;
    private final Publishing publishing;
    private final Teller teller;
    private final BrokerMetrics metrics;
    private final InstantSource ticks;
    private final SessionThread thread;
    private final CountDownLatch placed = new CountDownLatch(1);
    private volatile boolean leading;

    Engine(
            Sessions sessions,
            Sessions watchSessions,
            Tail tail,
            Waiting waiting,
            Publishing publishing,
            Teller teller,
            BrokerMetrics metrics,
            InstantSource ticks) {
        this.watchSessions = watchSessions;
        this.tail = tail;
        this.waiting = waiting;
        this.publishing = publishing;
        this.teller = teller;
        this.metrics = metrics;
        this.ticks = ticks;
        this.thread = new SessionThread("sluice-broker", sessions, this::serve, this::report, ticks);
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

    private void serve(Session session) throws SQLException {
        try {
            StreamReader reader = new StreamReader(session);
            GroupCommit commit = new GroupCommit(session);
            tail.catchUp(reader);
            placed.countDown();
            Follower follower = new Follower(session, reader, commit, tail, waiting, publishing, ticks);
            if (follower.follow(thread::isClosed)) {
                lead(session, reader, commit);
            }
        } finally {
            leading = false;
        }
    }

    private void lead(Session session, StreamReader reader, GroupCommit commit) throws SQLException {
        leading = true;
        LOG.info("This node leads: it gives publications their order");
        new Leader(session, reader, commit, tail, waiting, publishing, teller, metrics, ticks)
                .lead(watchSessions, thread::isClosed);
    }

    private void report(Throwable error, boolean isFirst) {
        metrics.reconnected();
        if (isFirst) {
            LOG.warn("The broker has no use of the database; it goes on trying: {}", error.getMessage());
        }
    }

    /** Lets the statement that runs come to its end, for a second; then breaks it off. */
    @Override
    public void close() {
        thread.refuse();
        waiting.nudge();
        thread.close(CLOSING);
    }
}
