package dev.sluice.flow;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;

/**
 * The threads that drain outboxes. What they do blocks only within {@link #block}. Virtual threads where the JDK has
 * them, one for each drain; else a pool that grows while its threads block: with a fixed one, a few clients that stop
 * reading at once would hold up everybody for as long as a blocking write may take. Thread-safe; closed once.
 */
interface Drains extends Executor, AutoCloseable {
    /** Work that may block on a client. */
    @FunctionalInterface
    interface Blocking {
        void run() throws IOException;
    }

    /** Runs it in the calling thread, one of these. */
    void block(Blocking work) throws IOException;

    @Override
    void close();

    static Drains create() {
        return Workers.virtual() ? new VirtualDrains(Workers.create("sluice-drain", 1)) : new GrowingDrains();
    }

    /** As many threads as there are drains. */
    record VirtualDrains(ExecutorService threads) implements Drains {
        @Override
        public void execute(Runnable task) {
            threads.execute(task);
        }

        @Override
        public void block(Blocking work) throws IOException {
            work.run();
        }

        @Override
        public void close() {
            threads.shutdownNow();
        }
    }
}
