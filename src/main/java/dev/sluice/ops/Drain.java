package dev.sluice.ops;

import java.util.concurrent.atomic.AtomicBoolean;

/** Whether this node is going down. Once it is, there is no way back. Thread-safe. */
final class Drain {
    private final AtomicBoolean begun = new AtomicBoolean();

    /** Whether this call began it. */
    boolean begin() {
        return begun.compareAndSet(false, true);
    }

    boolean isDraining() {
        return begun.get();
    }
}
