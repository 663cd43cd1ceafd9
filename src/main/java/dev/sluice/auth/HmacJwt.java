package dev.sluice.auth;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.ExpiredJwtException;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.Jwts;
import java.time.Instant;
import java.util.Date;
import javax.crypto.SecretKey;

/** Reads JWT signed by HS256 with a secret that an application knows, and by nothing else. Stateless. */
final class HmacJwt {
    private HmacJwt() {}

    /**
     * The claims of a token.
     *
     * @throws dev.sluice.http.ProblemException 401 when it is forged, expired or from the future
     */
    static Claims parse(String token, SecretKey key, Instant now) {
        try {
            Claims claims = Jwts.parser()
                    .sig()
                    .clear()
                    .add(Jwts.SIG.HS256)
                    .and()
                    .verifyWith(key)
                    .clock(() -> Date.from(now))
                    .clockSkewSeconds(JwtTimes.LEEWAY.toSeconds())
                    .build()
                    .parseSignedClaims(token)
                    .getPayload();
            checkTimes(claims, now);
            return claims;
        } catch (ExpiredJwtException e) {
            throw Refusal.expired();
        } catch (JwtException | IllegalArgumentException e) {
            throw Refusal.invalid();
        }
    }

    /** As {@link JwtTimes#check}, but without an end the application wants none. */
    private static void checkTimes(Claims claims, Instant now) {
        if (claims.getExpiration() != null) {
            JwtTimes.check(claims, now);
        }
    }
}
