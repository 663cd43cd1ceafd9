package dev.sluice.flow;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for what has to be done once, come what may: where no thread can be made, it waits until it is {@link #retry
 * tried again}, and whoever brought it goes on. Each turn of a thread takes what has waited longest, so that nothing is
 * done twice if an executor fails and keeps the turn all the same. Thread-safe; closed once, after which nothing is done.
 */
public final class Duties implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Duties.class);
    private static final int CLOSE_SECONDS = 2;

    private final ExecutorService threads;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    /** Turns that no thread has been found for. */
    private final AtomicInteger missing = new AtomicInteger();

    /** @param threads are closed with this */
    public Duties(ExecutorService threads) {
        this.threads = threads;
    }

    /** Has it done soon. Never fails for want of a thread. */
    public void add(Runnable duty) {
        waiting.add(duty);
        takeTurn();
    }

    /** Finds threads for what was left without; to be called now and then. */
    public void retry() {
        boolean found = true;
        while (found && missing.getAndUpdate(turns -> Math.max(0, turns - 1)) > 0) {
            found = takeTurn();
        }
    }

    /** Answers whether there is a thread for it. */
    private boolean takeTurn() {
        try {
            threads.execute(this::next);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("Not done any more: closed");
        } catch (Error e) {
            if (missing.getAndIncrement() == 0) {
                LOG.error("What has to be done waits for want of a thread", e);
            }
        }
        return false;
    }

    /** Nothing gets out of it: with its threads a pool would lose those that wait for their turn. */
    private void next() {
        Runnable duty = waiting.poll();
        if (duty == null) {
            return;
        }
        try {
            duty.run();
        } catch (RuntimeException | Error e) {
            LOG.error("Something could not be done", e);
        }
    }

    /** Waits, within reason, for what has been begun. */
    @Override
    public void close() {
        retry();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        waiting.clear();
    }
}
