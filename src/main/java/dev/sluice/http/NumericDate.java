package dev.sluice.http;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A time as claims have it: seconds since 1970 (RFC 7519, section 2). What lies beyond the year 9999 is its end, so that it
 * can be reckoned with. Stateless.
 */
public final class NumericDate {
    private static final long LATEST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private NumericDate() {}

    /** Empty for what is no number. */
    public static Optional<Instant> of(@Nullable Object claim) {
        return claim instanceof Number seconds
                ? Optional.of(Instant.ofEpochSecond(bounded(seconds)))
                : Optional.empty();
    }

    /** By its magnitude: what does not fit into a long would come out as anything. */
    private static long bounded(Number seconds) {
        double magnitude = seconds.doubleValue();
        return magnitude >= LATEST ? LATEST : Math.max(0, seconds.longValue());
    }
}
