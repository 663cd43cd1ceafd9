package dev.sluice.realtime.chat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Takes up the messages of a connection one after the other: what is said in a room right after joining it waits until
 * the joining is over. Messages come from one thread at a time.
 */
final class Turns {
    /** Messages that may wait. */
    private static final int MOST = 100;

    private final Executor workers;
    private final AtomicInteger waiting = new AtomicInteger();
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);

    /** @param workers take up what had to wait: who ends the waiting must not */
    Turns(Executor workers) {
        this.workers = workers;
    }

    /**
     * Takes up a message, now or in its turn.
     *
     * @param command gives what completes when the next one may be taken up
     * @return whether it is not one too many
     */
    boolean take(Supplier<CompletionStage<?>> command) {
        if (last.isDone()) {
            last = command.get().toCompletableFuture();
            return true;
        }
        if (waiting.incrementAndGet() > MOST) {
            waiting.decrementAndGet();
            return false;
        }
        last = last.handleAsync((done, error) -> run(command), workers).thenCompose(Function.identity());
        return true;
    }

    private CompletionStage<?> run(Supplier<CompletionStage<?>> command) {
        waiting.decrementAndGet();
        return command.get();
    }
}
