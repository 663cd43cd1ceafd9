package dev.sluice.broker.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread with a session of its own: when the session breaks, or what is done with it fails, it makes another, after a
 * while that grows, and begins anew. Thread-safe; started and closed once.
 */
final class SessionThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionThread.class);

    private final Sessions sessions;
    private final Work work;
    private final Consumer<Exception> broke;
    private final Thread thread;
    private final Backoff backoff = new Backoff();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Optional<Session> open = Optional.empty();

    /** What is done with a session, until the thread is closed. */
    @FunctionalInterface
    interface Work {
        /** @param worked to be run once the session is of use: the next break is then a first one */
        void with(Session session, Runnable worked) throws SQLException;
    }

    /** @param broke told why there is no session any more, or none yet; not once it is closed */
    SessionThread(String name, Sessions sessions, Work work, Consumer<Exception> broke) {
        this.sessions = sessions;
        this.work = work;
        this.broke = broke;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    boolean isClosed() {
        return closing.getCount() == 0;
    }

    private void run() {
        while (!isClosed()) {
            try (Session session = sessions.open()) {
                open = Optional.of(session);
                work.with(session, backoff::reset);
            } catch (SQLException | RuntimeException e) {
                report(e);
            }
            open = Optional.empty();
            pause(backoff.next());
        }
    }

    private void report(Exception error) {
        if (isClosed()) {
            LOG.debug("Closed", error);
        } else {
            LOG.debug("{} has no session", thread.getName(), error);
            broke.accept(error);
        }
    }

    private void pause(Duration time) {
        try {
            if (closing.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("{} is closed", thread.getName());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing.countDown();
        }
    }

    /** Breaks off what goes on, and does not wait for the end of that. */
    @Override
    public void close() {
        refuse();
        open.ifPresent(Session::abort);
    }

    /** From now on it is closed, but what goes on may come to its end. */
    void refuse() {
        closing.countDown();
    }

    /** Closes it; what goes on may come to its end within this time, and then has it once more to break off. */
    void close(Duration patience) {
        refuse();
        try {
            thread.join(patience.toMillis());
            close();
            thread.join(patience.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
