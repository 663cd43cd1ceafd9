package dev.sluice.auth;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is read elsewhere now and then, and kept as it was read last. One thread at a time reads it; all others
 * go on with what they have, however long that takes. A failure is remembered for a while, so that a source that is away
 * is not asked by every request. Thread-safe.
 */
final class Snapshot<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshot.class);
    /** For those who cannot go on with what there is. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private static final int MOST_WAITING = 16;

    private final String name;
    private final Reader<T> reader;
    private final InstantSource ticks;
    private final Duration pause;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Reading<T> last = new Reading<>(Optional.empty(), Instant.MIN, Optional.empty(), Instant.MIN);

    /** Reads the value; may block. */
    @FunctionalInterface
    interface Reader<T> {
        T read() throws IOException, SQLException;
    }

    /** The value read last, and how the last attempt failed where it did. */
    private record Reading<T>(Optional<T> value, Instant readAt, Optional<Exception> failure, Instant failedAt) {}

    /**
     * @param name what it is, for the log
     * @param pause how long a failed attempt is not repeated
     * @param ticks measures ages
     */
    Snapshot(String name, Reader<T> reader, Duration pause, InstantSource ticks) {
        this.name = name;
        this.reader = reader;
        this.pause = pause;
        this.ticks = ticks;
    }

    /** The value as it was read last; empty before the first time. Never blocks. */
    Optional<T> value() {
        return last.value();
    }

    /** Why the last attempt failed; empty when it did not. */
    Optional<Exception> failure() {
        return last.failure();
    }

    /** Reads again what is as old, unless somebody is reading already: for those who can go on with the old value. */
    void refresh(Duration age) {
        if (isDue(age) && reading.tryLock()) {
            readAndUnlock(age);
        }
    }

    /**
     * Reads again what is as old, or waits a moment for who is reading already: for those who cannot go on with the old
     * value. They are few at a time.
     *
     * @return whether the value is younger than that now
     */
    boolean require(Duration age) {
        if (isDue(age) && reading.getQueueLength() < MOST_WAITING && lockInTime()) {
            readAndUnlock(age);
        }
        return !isOlder(age);
    }

    private boolean lockInTime() {
        try {
            return reading.tryLock(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void readAndUnlock(Duration age) {
        try {
            // The one who held the lock before may have done it.
            if (isDue(age)) {
                read();
            }
        } finally {
            reading.unlock();
        }
    }

    private void read() {
        try {
            last = new Reading<>(Optional.of(reader.read()), ticks.instant(), Optional.empty(), Instant.MIN);
        } catch (IOException | SQLException | RuntimeException e) {
            last = new Reading<>(last.value(), last.readAt(), Optional.of(e), ticks.instant());
            LOG.warn("{} could not be read: {}", name, e.toString());
        }
    }

    private boolean isDue(Duration age) {
        return isOlder(age) && !last.failedAt().isAfter(ticks.instant().minus(pause));
    }

    private boolean isOlder(Duration age) {
        return !last.readAt().isAfter(ticks.instant().minus(age));
    }
}
