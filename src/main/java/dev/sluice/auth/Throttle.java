package dev.sluice.auth;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.Rate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Attempts at a rate, for each key: token buckets, of which the longest unused is forgotten when there are too many.
 * Holds for one node. Thread-safe.
 */
final class Throttle {
    private static final int MOST_KEYS = 20_000;

    private final Rate rate;
    private final InstantSource ticks;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST_KEYS;
        }
    };

    Throttle(Rate rate, InstantSource ticks) {
        this.rate = rate;
        this.ticks = ticks;
    }

    private record Bucket(double attempts, Instant at) {}

    /**
     * Takes an attempt.
     *
     * @throws ProblemException 429 with the time until there is another
     */
    synchronized void take(String key) {
        if (rate.unlimited()) {
            return;
        }
        double attempts = attempts(key);
        if (attempts < 1) {
            long millis = (long) Math.ceil((1 - attempts) * rate.period().toMillis() / rate.events());
            throw new ProblemException(ErrorCode.TOO_MANY_REQUESTS, "Too many attempts; wait a little.")
                    .retryAfter((millis + 999) / 1000);
        }
        put(key, attempts - 1);
    }

    /** Gives an attempt back that turned out to be the right one. */
    synchronized void giveBack(String key) {
        if (!rate.unlimited()) {
            put(key, Math.min(rate.events(), attempts(key) + 1));
        }
    }

    private double attempts(String key) {
        Bucket bucket = buckets.get(key);
        if (bucket == null) {
            return rate.events();
        }
        Duration passed = Duration.between(bucket.at(), ticks.instant());
        double refilled =
                (double) passed.toMillis() * rate.events() / rate.period().toMillis();
        return Math.min(rate.events(), bucket.attempts() + Math.max(0, refilled));
    }

    private void put(String key, double attempts) {
        buckets.put(key, new Bucket(attempts, ticks.instant()));
    }
}
