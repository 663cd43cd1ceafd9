package dev.sluice.channel;

import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.flow.Workers;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for what waits for a database, and a bound for how much of it there may be. Thread-safe; closed by who made it,
 * after which nothing is done any more.
 */
final class Blocking implements Executor, AutoCloseable {
    private static final int THREADS = 8;

    private final ExecutorService workers = Workers.create("sluice-channel", THREADS);
    private final AtomicInteger waiting = new AtomicInteger();
    private final int most;

    /** @param most calls that wait or run, at most */
    Blocking(int most) {
        this.most = most;
    }

    /** Calls something that blocks. Fails with {@link ChannelException} when too much waits already. */
    <T> CompletableFuture<T> call(Callable<T> work) {
        if (waiting.incrementAndGet() > most) {
            waiting.decrementAndGet();
            return CompletableFuture.failedFuture(
                    new ChannelException(Reason.TOO_MANY_REQUESTS, "Too many permissions wait to be checked already."));
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            workers.execute(() -> run(work, answer));
        } catch (RejectedExecutionException e) {
            waiting.decrementAndGet();
            answer.completeExceptionally(Link.gone());
        }
        return answer;
    }

    private <T> void run(Callable<T> work, CompletableFuture<T> answer) {
        T value;
        try {
            value = work.call();
        } catch (Exception e) {
            waiting.decrementAndGet();
            answer.completeExceptionally(e);
            return;
        }
        waiting.decrementAndGet();
        answer.complete(value);
    }

    /** Does something soon, for which there is a bound elsewhere. */
    @Override
    public void execute(Runnable task) {
        try {
            workers.execute(task);
        } catch (RejectedExecutionException e) {
            // Everything ends now; nobody is left to tidy up for.
            assert workers.isShutdown();
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
