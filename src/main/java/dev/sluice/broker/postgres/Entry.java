package dev.sluice.broker.postgres;

import dev.sluice.broker.BrokerException;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * One publish of this node until it is answered; answered once, by whoever comes first. Thread-safe.
 *
 * @param token by which its row in the stream is known
 * @param deadline when it is given up
 */
record Entry(Draft draft, long token, Instant deadline, CompletableFuture<Position> answer) {
    /** What an entry takes beside its text, about. */
    private static final int OVERHEAD = 300;

    long cost() {
        return OVERHEAD
                + 2L
                        * (draft.data().length()
                                + draft.info().length()
                                + draft.event().length()
                                + draft.idempotencyKey().length());
    }

    boolean hasKey() {
        return !draft.idempotencyKey().isEmpty();
    }

    void fail(BrokerException.Reason reason, String message) {
        answer.completeExceptionally(new BrokerException(reason, message));
    }
}
