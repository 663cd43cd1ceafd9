package dev.sluice.flow;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The threads that drain outboxes. What they do blocks only within {@link #block}. Virtual threads where the JDK has
 * them, one for each drain; else a pool that grows while its threads block: with a fixed one, a few clients that stop
 * reading at once would hold up everybody for as long as a blocking write may take. Thread-safe; closed once.
 */
interface Drains extends Executor, AutoCloseable {
    /** Long enough for several messages of a burst, too short to be noticed. */
    long SOON_MILLIS = 10;

    /** Work that may block on a client. */
    @FunctionalInterface
    interface Blocking {
        void run() throws IOException;
    }

    /** As {@link #execute}, in {@link #SOON_MILLIS}. */
    void executeSoon(Runnable task);

    /** Runs it in the calling thread, one of these. */
    void block(Blocking work) throws IOException;

    @Override
    void close();

    static Drains create() {
        return Workers.virtual() ? new VirtualDrains(Workers.create("sluice-drain", 1), pace()) : new GrowingDrains();
    }

    /** What waits for {@link #executeSoon}: one thread, which only passes tasks on. */
    static ScheduledExecutorService pace() {
        return Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "sluice-drain-pace");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** As many threads as there are drains. */
    record VirtualDrains(ExecutorService threads, ScheduledExecutorService pace) implements Drains {
        @Override
        public void execute(Runnable task) {
            threads.execute(task);
        }

        @Override
        public void executeSoon(Runnable task) {
            var unused = pace.schedule(() -> execute(task), SOON_MILLIS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void block(Blocking work) throws IOException {
            work.run();
        }

        @Override
        public void close() {
            pace.shutdownNow();
            threads.shutdownNow();
        }
    }
}
