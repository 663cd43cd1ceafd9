package dev.sluice.channel;

import java.util.concurrent.atomic.AtomicLong;

/** How much many may hold together. Thread-safe. */
final class Allowance {
    private final long most;
    private final AtomicLong used = new AtomicLong();

    Allowance(long most) {
        this.most = most;
    }

    /** Takes so much, or nothing where it is not there. */
    boolean reserve(long amount) {
        if (used.addAndGet(amount) > most) {
            used.addAndGet(-amount);
            return false;
        }
        return true;
    }

    void release(long amount) {
        used.addAndGet(-amount);
    }

    long used() {
        return used.get();
    }
}
