package dev.sluice.flow;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A pool of two platform threads and one more for each that has been blocking for a while, up to {@link #MOST}; a
 * watchdog counts them every few milliseconds while any blocks. Thread-safe; closed once.
 */
final class GrowingDrains implements Drains {
    static final int CORE = 2;
    static final int MOST = 66;

    private static final long WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long BLOCKED_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int QUIET_ROUNDS = 200;
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Set<DrainThread> threads = ConcurrentHashMap.newKeySet();
    /** Its core is what grows. */
    @SuppressWarnings("ErroneousThreadPoolConstructorChecker")
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(CORE, MOST, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), DrainThread::new);

    private final ScheduledExecutorService pace = Drains.pace();
    private final Thread watchdog = new Thread(this::watch, "sluice-drain-watchdog");
    private volatile boolean resting;

    GrowingDrains() {
        watchdog.setDaemon(true);
        watchdog.start();
    }

    /** A thread that tells since when it blocks. */
    private final class DrainThread extends Thread {
        /** By {@link System#nanoTime}; 0 = it does not. */
        private volatile long blockedSince;

        DrainThread(Runnable work) {
            super(work, "sluice-drain");
            setDaemon(true);
        }

        @Override
        public void run() {
            threads.add(this);
            try {
                super.run();
            } finally {
                threads.remove(this);
            }
        }

        boolean blocksAt(long now) {
            long since = blockedSince;
            return since != 0 && now - since > BLOCKED_NANOS;
        }
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    @Override
    public void executeSoon(Runnable task) {
        var unused = pace.schedule(() -> execute(task), SOON_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void block(Blocking work) throws IOException {
        if (!(Thread.currentThread() instanceof DrainThread thread)) {
            work.run();
            return;
        }
        thread.blockedSince = System.nanoTime() | 1;
        if (resting) {
            LockSupport.unpark(watchdog);
        }
        try {
            work.run();
        } finally {
            thread.blockedSince = 0;
        }
    }

    /** Threads there are at the moment. */
    int size() {
        return pool.getPoolSize();
    }

    @Override
    public void close() {
        pace.shutdownNow();
        pool.shutdownNow();
        watchdog.interrupt();
    }

    private void watch() {
        int quiet = 0;
        while (!pool.isShutdown()) {
            quiet = anyBlocks() ? 0 : quiet + 1;
            resize();
            if (quiet < QUIET_ROUNDS) {
                LockSupport.parkNanos(WATCH_NANOS);
            } else {
                rest();
            }
        }
    }

    /** Until a thread blocks again. */
    private void rest() {
        resting = true;
        if (!anyBlocks()) {
            LockSupport.parkNanos(REST_NANOS);
        }
        resting = false;
    }

    private boolean anyBlocks() {
        return threads.stream().anyMatch(thread -> thread.blockedSince != 0);
    }

    private void resize() {
        long now = System.nanoTime();
        int blocked =
                (int) threads.stream().filter(thread -> thread.blocksAt(now)).count();
        int wanted = Math.min(MOST, CORE + blocked);
        if (pool.getCorePoolSize() != wanted) {
            pool.setCorePoolSize(wanted);
        }
    }
}
