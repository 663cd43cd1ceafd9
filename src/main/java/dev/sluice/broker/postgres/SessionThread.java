package dev.sluice.broker.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread with a session of its own: when the session breaks, or what is done with it fails in whatever way, it makes
 * another, after a while that grows until one has lasted, and begins anew. Thread-safe; started and closed once.
 */
final class SessionThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SessionThread.class);
    /** A session that is of no use need not break at once: its first write may fail. */
    private static final Duration LASTING = Duration.ofSeconds(1);

    private final Sessions sessions;
    private final Work work;
    private final Breaks breaks;
    private final InstantSource ticks;
    private final Thread thread;
    private final Backoff backoff = new Backoff();
    /** Of the thread alone. */
    private boolean isBroken;

    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Optional<Session> open = Optional.empty();

    /** What is done with a session, until the thread is closed. */
    @FunctionalInterface
    interface Work {
        void with(Session session) throws SQLException;
    }

    /** Is told why there is no session any more, or none yet; not once the thread is closed. */
    @FunctionalInterface
    interface Breaks {
        /** @param isFirst whether there was one that lasted before, or none at all */
        void broke(Throwable error, boolean isFirst);
    }

    SessionThread(String name, Sessions sessions, Work work, Breaks breaks, InstantSource ticks) {
        this.sessions = sessions;
        this.work = work;
        this.breaks = breaks;
        this.ticks = ticks;
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
                serve(session);
            } catch (SQLException | RuntimeException | Error e) {
                report(e);
            }
            open = Optional.empty();
            pause(backoff.next());
        }
    }

    private void serve(Session session) throws SQLException {
        Instant begin = ticks.instant();
        try {
            work.with(session);
        } finally {
            if (!begin.plus(LASTING).isAfter(ticks.instant())) {
                backoff.reset();
                isBroken = false;
            }
        }
    }

    private void report(Throwable error) {
        if (isClosed()) {
            LOG.debug("Closed", error);
            return;
        }
        if (error instanceof Error) {
            LOG.error("{} begins anew", thread.getName(), error);
        } else {
            LOG.debug("{} has no session", thread.getName(), error);
        }
        tell(error);
        isBroken = true;
    }

    private void tell(Throwable error) {
        try {
            breaks.broke(error, !isBroken);
        } catch (RuntimeException | Error e) {
            LOG.error("{} could not tell that it has no session", thread.getName(), e);
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
