package dev.sluice.channel;

import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.flow.Duties;
import dev.sluice.flow.Workers;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads for what waits for a database, with a bound for how much of it there may be; and others for what does not, so
 * that it need not wait behind that. Thread-safe; closed by who made it, after which nothing is done any more.
 */
final class Blocking implements Executor, AutoCloseable {
    private static final int THREADS = 8;
    private static final int QUICK_THREADS = 2;

    private final ExecutorService workers = Workers.create("sluice-channel", THREADS);
    private final Duties quick = new Duties(Workers.create("sluice-channel-soon", QUICK_THREADS));
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
        } catch (Error e) {
            // No thread can be made now.
            waiting.decrementAndGet();
            answer.completeExceptionally(e);
        }
        return answer;
    }

    private <T> void run(Callable<T> work, CompletableFuture<T> answer) {
        T value;
        try {
            value = work.call();
        } catch (Exception | Error e) {
            waiting.decrementAndGet();
            answer.completeExceptionally(e);
            return;
        }
        waiting.decrementAndGet();
        answer.complete(value);
    }

    /** Does something soon that does not block, and for which there is a bound elsewhere. Never fails. */
    @Override
    public void execute(Runnable task) {
        quick.add(task);
    }

    /** Does what was left for want of a thread; to be called now and then. */
    void retry() {
        quick.retry();
    }

    @Override
    public void close() {
        workers.shutdownNow();
        quick.close();
    }
}
