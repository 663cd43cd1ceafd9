package dev.sluice.flow;

import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * As many lanes as processors, and two more for each that is held up by its client for a while: with a fixed number a few
 * clients that stop reading at once would hold up everybody for as long as a blocking write may take. A watchdog counts
 * them every few milliseconds while any is busy.
 *
 * <p>A lane runs one task after the other until there are none, so that whoever tells a thousand clients wakes a few
 * threads and not a thousand times. Lanes are virtual threads where the JDK has them, and then there may be any number.
 * Thread-safe; closed once.
 */
final class GrowingDrains implements Drains {
    private static final Logger LOG = LoggerFactory.getLogger(GrowingDrains.class);

    static final int CORE = Math.max(2, Runtime.getRuntime().availableProcessors());

    /** Lanes at most where they are platform threads. */
    static final int MOST = CORE + 64;

    private static final long WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long HELD_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int QUIET_ROUNDS = 200;
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int most;
    private final ExecutorService threads;
    private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor(GrowingDrains::pacer);
    private final Thread watchdog = new Thread(this::watch, "sluice-drain-watchdog");

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();
    /** Lanes that run or are about to. */
    private final AtomicInteger running = new AtomicInteger();
    /** How many there may be. */
    private volatile int wanted = CORE;

    private volatile boolean resting;
    private volatile boolean closed;

    GrowingDrains() {
        this(Workers.virtual() ? Integer.MAX_VALUE : MOST, Workers.growing("sluice-drain", CORE));
    }

    GrowingDrains(int most, ExecutorService threads) {
        this.most = most;
        this.threads = threads;
        watchdog.setDaemon(true);
        watchdog.start();
    }

    /** Takes tasks while there are any, and knows since when it has been at the one it runs. */
    private final class Lane implements Runnable {
        /** By {@link System#nanoTime}; 0 = between two tasks. */
        private volatile long since;

        @Override
        public void run() {
            try {
                lanes.add(this);
                for (Runnable task = next(); task != null; task = next()) {
                    since = System.nanoTime() | 1;
                    take(task);
                    since = 0;
                }
            } finally {
                lanes.remove(this);
                running.decrementAndGet();
                beginLane();
            }
        }

        private void take(Runnable task) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.error("A drain failed", e);
            }
        }

        private @Nullable Runnable next() {
            return running.get() > wanted ? null : waiting.poll();
        }

        boolean isHeldUpAt(long now) {
            long began = since;
            return began != 0 && now - began > HELD_UP_NANOS;
        }
    }

    @Override
    public void execute(Runnable task) {
        if (closed) {
            throw new RejectedExecutionException("closed");
        }
        waiting.add(task);
        beginLane();
    }

    @Override
    public void executeSoon(Runnable task) {
        try {
            var unused = pace.schedule(() -> execute(task), SOON_MILLIS, TimeUnit.MILLISECONDS);
        } catch (Error e) {
            // Its thread is made with the first of them, and cannot be now.
            LOG.error("What should wait a little goes out at once, for want of a thread", e);
            execute(task);
        }
    }

    /** Lanes there are at the moment. */
    int size() {
        return running.get();
    }

    @Override
    public void close() {
        closed = true;
        pace.shutdownNow();
        threads.shutdownNow();
        watchdog.interrupt();
        waiting.clear();
    }

    /**
     * Unless nothing waits or there are as many as may be. Called after each change of what it looks at, so that no task is
     * left without a lane.
     */
    private void beginLane() {
        int may = wanted;
        if (waiting.isEmpty()
                || running.get() >= may
                || running.getAndUpdate(lanes -> lanes < may ? lanes + 1 : lanes) >= may) {
            return;
        }
        try {
            threads.execute(new Lane());
        } catch (RejectedExecutionException e) {
            // Closed meanwhile: nobody is left to write to.
            running.decrementAndGet();
            return;
        } catch (Error e) {
            // No thread can be made now. The watchdog tries again as long as something waits.
            running.decrementAndGet();
            LOG.error("No thread writes to clients, for want of one", e);
            return;
        }
        if (resting) {
            LockSupport.unpark(watchdog);
        }
    }

    private void watch() {
        int quiet = 0;
        while (!closed) {
            quiet = lanes.isEmpty() && waiting.isEmpty() ? quiet + 1 : 0;
            resizeSafely();
            if (quiet < QUIET_ROUNDS) {
                LockSupport.parkNanos(WATCH_NANOS);
            } else {
                rest();
            }
        }
    }

    /** Until a lane begins. */
    private void rest() {
        resting = true;
        if (running.get() == 0 && waiting.isEmpty()) {
            LockSupport.parkNanos(REST_NANOS);
        }
        resting = false;
    }

    /** Nobody else would make up for threads that are missing. */
    private void resizeSafely() {
        try {
            resize();
        } catch (RuntimeException | Error e) {
            LOG.error("Those who write to clients could not be counted", e);
        }
    }

    private void resize() {
        long now = System.nanoTime();
        int heldUp = (int) lanes.stream().filter(lane -> lane.isHeldUpAt(now)).count();
        // Twice as many: when all of a thousand are held up, they are soon a few dozen at a time.
        int may = (int) Math.min(most, CORE + 2L * heldUp);
        wanted = may;
        for (int i = running.get(); i < may; i++) {
            beginLane();
        }
    }

    private static Thread pacer(Runnable work) {
        Thread thread = new Thread(work, "sluice-drain-pace");
        thread.setDaemon(true);
        return thread;
    }
}
