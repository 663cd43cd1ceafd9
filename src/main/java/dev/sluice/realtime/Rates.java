package dev.sluice.realtime;

import dev.sluice.settings.Rate;
import dev.sluice.settings.RealtimeSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How often one connection may do what. A bucket is made when it is first needed. Thread-safe. */
final class Rates {
    /** Errors that a client may make before it is closed. */
    private static final Rate STRIKES = new Rate(50, Duration.ofSeconds(10));
    /** Publications of its that may be refused: one burst of them is none of its fault, to go on is. */
    private static final Rate REFUSED = new Rate(500, Duration.ofSeconds(100));

    private final RealtimeSettings settings;
    private @Nullable TokenBucket messages;
    private @Nullable TokenBucket publications;
    private @Nullable TokenBucket strikes;
    private @Nullable TokenBucket refused;

    Rates(RealtimeSettings settings) {
        this.settings = settings;
    }

    synchronized boolean takeMessage(long now) {
        if (messages == null) {
            messages = new TokenBucket(settings.messageRate(), now);
        }
        return messages.take(now);
    }

    synchronized boolean takePublication(long now) {
        if (publications == null) {
            publications = new TokenBucket(settings.publishRate(), now);
        }
        return publications.take(now);
    }

    synchronized boolean takeRefused(long now) {
        if (refused == null) {
            refused = new TokenBucket(REFUSED, now);
        }
        return refused.take(now);
    }

    synchronized boolean takeStrike(long now) {
        if (strikes == null) {
            strikes = new TokenBucket(STRIKES, now);
        }
        return strikes.take(now);
    }
}
