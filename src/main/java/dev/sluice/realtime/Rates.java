package dev.sluice.realtime;

import dev.sluice.settings.Rate;
import dev.sluice.settings.RealtimeSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How often one connection may do what. A bucket is made when it is first needed. Thread-safe. */
final class Rates {
    /** Errors that a client may make before it is closed. */
    private static final Rate STRIKES = new Rate(50, Duration.ofSeconds(10));

    private final RealtimeSettings settings;
    private @Nullable TokenBucket messages;
    private @Nullable TokenBucket publications;
    private @Nullable TokenBucket strikes;

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

    synchronized boolean takeStrike(long now) {
        if (strikes == null) {
            strikes = new TokenBucket(STRIKES, now);
        }
        return strikes.take(now);
    }
}
