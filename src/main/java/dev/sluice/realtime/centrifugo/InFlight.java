package dev.sluice.realtime.centrifugo;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What one connection wants to read. A few readings are under way at once, so that no client takes the database from the
 * others; more wait for their turn, and what is still more is refused. Thread-safe.
 */
final class InFlight {
    /** Those of all channels that a connection may have, and more. */
    static final int WAITING_MOST = 500;

    private final int most;
    private final Executor workers;
    private final Queue<Supplier<CompletionStage<?>>> waiting = new ArrayDeque<>(0);
    private int underway;

    /**
     * @param most under way at once
     * @param workers begin what had to wait: who ends the waiting must not
     */
    InFlight(int most, Executor workers) {
        this.most = most;
        this.workers = workers;
    }

    /**
     * Begins a reading, now or in its turn.
     *
     * @param reading gives what completes when it is over; does not block, and does not throw
     * @return whether it is not one too many
     */
    boolean take(Supplier<CompletionStage<?>> reading) {
        synchronized (this) {
            if (underway == most) {
                return waiting.size() < WAITING_MOST && waiting.add(reading);
            }
            underway++;
        }
        run(Optional.of(reading));
        return true;
    }

    /** One after the other; what is over at once does not deepen the stack. */
    private void run(Optional<Supplier<CompletionStage<?>>> first) {
        for (Optional<Supplier<CompletionStage<?>>> next = first; next.isPresent(); next = next()) {
            CompletionStage<?> over = next.get().get();
            if (!over.toCompletableFuture().isDone()) {
                over.whenCompleteAsync((done, error) -> run(next()), workers);
                return;
            }
        }
    }

    /** The next takes the place of one that is over. */
    private synchronized Optional<Supplier<CompletionStage<?>>> next() {
        Optional<Supplier<CompletionStage<?>>> next = Optional.ofNullable(waiting.poll());
        if (next.isEmpty()) {
            underway--;
        }
        return next;
    }
}
