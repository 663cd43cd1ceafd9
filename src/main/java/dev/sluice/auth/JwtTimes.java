package dev.sluice.auth;

import io.jsonwebtoken.Claims;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

/** The time claims that the parser leaves to us. Stateless. */
final class JwtTimes {
    /** How far the clocks of issuers and nodes may differ. */
    static final Duration LEEWAY = Duration.ofSeconds(60);

    private JwtTimes() {}

    /** Refuses tokens without an end, past their end, or from the future. */
    static void check(Claims claims, Instant now) {
        Date end = claims.getExpiration();
        if (end == null || isFuture(claims.getIssuedAt(), now)) {
            throw Refusal.invalid();
        }
        // The parser grants the leeway on both ends; an end is an end.
        if (!end.toInstant().isAfter(now)) {
            throw Refusal.expired();
        }
    }

    private static boolean isFuture(Date time, Instant now) {
        return time != null && time.toInstant().isAfter(now.plus(LEEWAY));
    }
}
