package dev.sluice.flow;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One thread, which cannot be made at once. Thread-safe. */
final class ScarceThreads extends ThreadPoolExecutor {
    /** So many times it cannot. */
    final AtomicInteger missing = new AtomicInteger();

    ScarceThreads() {
        super(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        setThreadFactory(this::make);
    }

    private Thread make(Runnable work) {
        if (missing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new OutOfMemoryError("in a test");
        }
        return new Thread(work);
    }
}
