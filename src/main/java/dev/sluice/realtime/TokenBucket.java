package dev.sluice.realtime;

import dev.sluice.settings.Rate;

/** Events of one connection at a rate, with a burst of as many. Used by one thread at a time. */
final class TokenBucket {
    private final Rate rate;
    private double tokens;
    private long at;

    TokenBucket(Rate rate, long nowMillis) {
        this.rate = rate;
        this.tokens = rate.events();
        this.at = nowMillis;
    }

    /** Answers whether there was one left. */
    boolean take(long nowMillis) {
        if (rate.unlimited()) {
            return true;
        }
        double refill =
                (double) (nowMillis - at) * rate.events() / rate.period().toMillis();
        tokens = Math.min(rate.events(), tokens + Math.max(0, refill));
        at = nowMillis;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
