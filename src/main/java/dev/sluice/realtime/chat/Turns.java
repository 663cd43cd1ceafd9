package dev.sluice.realtime.chat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Takes up the messages of a connection one after the other: what is said in a room right after joining it waits until
 * the joining is over. Thread-safe; messages come from one thread at a time, or their order means nothing.
 */
final class Turns {
    /** Messages that may wait. */
    private static final int MOST = 100;

    private final Executor workers;
    private final Consumer<Throwable> failed;
    private final AtomicInteger waiting = new AtomicInteger();
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);

    /**
     * @param workers take up what had to wait: who ends the waiting must not
     * @param failed is told when that failed in a way that nobody expects
     */
    Turns(Executor workers, Consumer<Throwable> failed) {
        this.workers = workers;
        this.failed = failed;
    }

    /**
     * Takes up a message, now or in its turn.
     *
     * @param command gives what completes when the next one may be taken up
     * @return whether it is not one too many
     */
    boolean take(Supplier<CompletionStage<?>> command) {
        CompletableFuture<?> turn = new CompletableFuture<>();
        synchronized (this) {
            if (!last.isDone()) {
                return waiting.get() < MOST && queue(command);
            }
            last = turn;
        }
        now(command, turn);
        return true;
    }

    /** Whether what comes now need not wait. */
    synchronized boolean isFree() {
        return last.isDone();
    }

    /** Takes up in its turn what the server itself wants; never now, and however much waits. */
    synchronized void later(Supplier<CompletionStage<?>> command) {
        queue(command);
    }

    /** Not under the lock: what is called may take its time, and call back. */
    private static void now(Supplier<CompletionStage<?>> command, CompletableFuture<?> turn) {
        try {
            command.get().whenComplete((done, error) -> turn.complete(null));
        } catch (RuntimeException e) {
            turn.complete(null);
            throw e;
        }
    }

    private boolean queue(Supplier<CompletionStage<?>> command) {
        waiting.incrementAndGet();
        last = last.handleAsync((done, error) -> run(command), workers).thenCompose(Function.identity());
        return true;
    }

    private CompletionStage<?> run(Supplier<CompletionStage<?>> command) {
        waiting.decrementAndGet();
        try {
            return command.get();
        } catch (RuntimeException e) {
            failed.accept(e);
            return CompletableFuture.completedFuture(null);
        }
    }
}
