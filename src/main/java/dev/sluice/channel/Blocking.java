package dev.sluice.channel;

import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.flow.Workers;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for what waits for a database, with a bound for how much of it there may be; and others for what does not, so
 * that it need not wait behind that. Thread-safe; closed by who made it, after which nothing is done any more.
 */
final class Blocking implements Executor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Blocking.class);
    private static final int THREADS = 8;
    private static final int QUICK_THREADS = 2;

    private final ExecutorService workers = Workers.create("sluice-channel", THREADS);
    private final ExecutorService quick = Workers.create("sluice-channel-soon", QUICK_THREADS);
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
        } catch (Exception | Error e) {
            waiting.decrementAndGet();
            answer.completeExceptionally(e);
            return;
        }
        waiting.decrementAndGet();
        answer.complete(value);
    }

    /** Does something soon that does not block, and for which there is a bound elsewhere. */
    @Override
    public void execute(Runnable task) {
        try {
            quick.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("Left undone, because all ends now: {}", e.toString());
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
        quick.shutdownNow();
    }
}
