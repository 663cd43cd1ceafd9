package dev.sluice.broker.postgres;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next attempt: twice as long each time, up to two seconds, scattered. For one thread. */
final class Backoff {
    private static final long FIRST_MILLIS = 50;
    private static final long LAST_MILLIS = 2_000;

    private long millis = FIRST_MILLIS;

    Duration next() {
        long now = ThreadLocalRandom.current().nextLong(millis / 2, millis + 1);
        millis = Math.min(2 * millis, LAST_MILLIS);
        return Duration.ofMillis(now);
    }

    void reset() {
        millis = FIRST_MILLIS;
    }
}
