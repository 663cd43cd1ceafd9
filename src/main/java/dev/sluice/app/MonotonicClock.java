package dev.sluice.app;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * A clock for durations: it begins at the time of day and then only ever goes on, whoever sets the machine's clock. What
 * it says of the time of day may be off by as much as that was set since. Immutable.
 */
final class MonotonicClock implements InstantSource {
    private final LongSupplier nanos;
    private final Instant start;
    private final long startNanos;

    MonotonicClock() {
        this(InstantSource.system(), System::nanoTime);
    }

    /**
     * @param wall asked once
     * @param nanos as {@link System#nanoTime}
     */
    MonotonicClock(InstantSource wall, LongSupplier nanos) {
        this.nanos = nanos;
        this.start = wall.instant();
        this.startNanos = nanos.getAsLong();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos.getAsLong() - startNanos);
    }
}
