package dev.sluice.broker.postgres;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Wakes the leader when the outbox has rows for it. It waits in the server, in a function that looks every
 * {@link #STEP_SECONDS}, on a session of its own, so that the leader's stays free for publishes; a notification instead
 * would serialise the commits of the applications. Only an accelerator: without it the leader looks by itself, more
 * rarely. One for each time of leading, with a thread; closed once.
 */
final class Watch implements AutoCloseable {
    private static final double STEP_SECONDS = 0.005;
    /** Short: a statement holds back vacuum for as long as it runs. */
    private static final int WAIT_MILLIS = 200;
    /** Between two passes, so that each takes a batch while rows flow. */
    private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

    private static final long LONGEST_LOOK_MILLIS = 1_000;

    private final Runnable wake;
    private final SessionThread thread;
    private final Semaphore looks = new Semaphore(0);
    private volatile Snapshot tracked;

    /** @param wake called when there are rows */
    Watch(Sessions sessions, Snapshot tracked, Runnable wake, InstantSource ticks) {
        this.tracked = tracked;
        this.wake = wake;
        this.thread = new SessionThread("sluice-outbox-watch", sessions, this::watch, (error, isFirst) -> {}, ticks);
    }

    void start() {
        thread.start();
    }

    /** The leader has looked. */
    void passed(Snapshot now) {
        tracked = now;
        looks.release();
    }

    private void watch(Session session) throws SQLException {
        try (PreparedStatement wait = session.prepare("SELECT sluice.wait_rows(?, ?, ?, ?)")) {
            wait.setInt(3, WAIT_MILLIS);
            wait.setDouble(4, STEP_SECONDS);
            while (!thread.isClosed()) {
                looks.drainPermits();
                if (hasRows(wait, tracked)) {
                    wake.run();
                    awaitLook();
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    private static boolean hasRows(PreparedStatement wait, Snapshot since) throws SQLException {
        wait.setString(1, since.xmax());
        wait.setString(2, since.xip());
        try (ResultSet result = wait.executeQuery()) {
            result.next();
            return result.getBoolean(1);
        }
    }

    /** Not for ever: the leader may be busy with something else, and then looks by itself. */
    private void awaitLook() {
        try {
            var unused = looks.tryAcquire(LONGEST_LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            thread.refuse();
        }
    }

    @Override
    public void close() {
        thread.refuse();
        looks.release();
        thread.close();
    }
}
