package dev.sluice.broker.local;

import dev.sluice.broker.Publication;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much the broker in memory keeps, and how much it may. Counts are exact after each step, but two steps at once may
 * together pass a limit by what they take. Thread-safe.
 */
final class Room {
    /** What a publication takes beside its text, about. */
    private static final int OVERHEAD = 160;

    private final LocalLimits limits;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger channels = new AtomicInteger();
    private final AtomicInteger keys = new AtomicInteger();

    Room(LocalLimits limits) {
        this.limits = limits;
    }

    static long cost(Publication publication) {
        return OVERHEAD
                + publication.channel().length()
                + 2L
                        * (publication.event().length()
                                + publication.data().length()
                                + publication.info().length());
    }

    void take(long cost) {
        bytes.addAndGet(cost);
    }

    void free(long cost) {
        bytes.addAndGet(-cost);
    }

    void channels(int more) {
        channels.addAndGet(more);
    }

    void keys(int more) {
        keys.addAndGet(more);
    }

    boolean isFull() {
        return bytes.get() >= limits.bytes() || channels.get() >= limits.channels() || keys.get() >= limits.keys();
    }

    @Override
    public String toString() {
        return "%,d of %,d channels, %,d of %,d bytes, %,d of %,d idempotency keys"
                .formatted(channels.get(), limits.channels(), bytes.get(), limits.bytes(), keys.get(), limits.keys());
    }
}
