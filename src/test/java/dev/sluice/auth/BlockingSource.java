package dev.sluice.auth;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A source that a test can make hang, as a host does that has died silently. Thread-safe. */
final class BlockingSource {
    static final long LONG_SECONDS = 60;

    private final AtomicInteger reads = new AtomicInteger();
    private final Semaphore hanging = new Semaphore(0);
    private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

    /** To be called by who reads. */
    void pass() {
        reads.incrementAndGet();
        hanging.release();
        gate.join();
    }

    int reads() {
        return reads.get();
    }

    void block() {
        gate = new CompletableFuture<>();
        hanging.drainPermits();
    }

    /** Waits until somebody hangs. */
    void awaitReader() throws InterruptedException {
        if (!hanging.tryAcquire(LONG_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody reads");
        }
    }

    void release() {
        gate.complete(null);
    }

    /** What a thread of its own finds, and a failure when that takes long. */
    static <T> T soon(Supplier<T> work) throws Exception {
        return CompletableFuture.supplyAsync(work, task -> new Thread(task).start())
                .get(LONG_SECONDS, TimeUnit.SECONDS);
    }
}
