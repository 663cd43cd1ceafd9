package dev.sluice.auth;

import dev.sluice.settings.AuthSettings;
import io.jsonwebtoken.Claims;
import io.jsonwebtoken.ExpiredJwtException;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.JwtParserBuilder;
import io.jsonwebtoken.Jwts;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Access tokens of an outside issuer, by its public keys (RFC 8725). Their subjects are qualified by the issuer, so that
 * none is taken for one of ours. Thread-safe.
 */
final class OutsideTokens {
    static final Set<String> ALGORITHMS = Set.of("RS256", "ES256", "EdDSA");
    private static final int SUBJECT_MOST = 255;
    private static final int ROLES_MOST = 200;

    private final AuthSettings settings;
    private final String issuer;
    private final OutsideKeys keys;
    private final InstantSource clock;

    OutsideTokens(AuthSettings settings, OutsideKeys keys, InstantSource clock) {
        this.settings = settings;
        this.issuer = settings.issuer().orElseThrow();
        this.keys = keys;
        this.clock = clock;
    }

    /** Where the settings name an outside issuer. */
    static Optional<OutsideTokens> of(AuthSettings settings, InstantSource clock, InstantSource ticks) {
        return settings.jwks()
                .map(KeySource::of)
                .map(source -> new OutsideTokens(settings, new OutsideKeys(source, ticks), clock));
    }

    /**
     * The caller whom a token names.
     *
     * @throws dev.sluice.http.ProblemException 401 when it is not valid, 503 while the issuer's keys are not known
     */
    Caller verify(String token, JwtHeader header) {
        PublicKey key = keys.find(header).orElseThrow(Refusal::invalid);
        Claims claims = parse(token, key);
        JwtTimes.check(claims, clock.instant());
        return caller(claims);
    }

    private Claims parse(String token, PublicKey key) {
        JwtParserBuilder parser = Jwts.parser()
                .sig()
                .clear()
                .add(Jwts.SIG.RS256)
                .add(Jwts.SIG.ES256)
                .add(Jwts.SIG.EdDSA)
                .and()
                .verifyWith(key)
                .requireIssuer(issuer)
                .clock(() -> Date.from(clock.instant()))
                .clockSkewSeconds(JwtTimes.LEEWAY.toSeconds());
        settings.audience().ifPresent(parser::requireAudience);
        try {
            return parser.build().parseSignedClaims(token).getPayload();
        } catch (ExpiredJwtException e) {
            throw Refusal.expired();
        } catch (JwtException | IllegalArgumentException e) {
            throw Refusal.invalid();
        }
    }

    private Caller caller(Claims claims) {
        String subject = text(find(claims, settings.subjectClaim()));
        if (subject.isBlank() || subject.length() > SUBJECT_MOST) {
            throw Refusal.invalid();
        }
        String name = text(find(claims, settings.nameClaim()));
        return new Caller(
                issuer + "|" + subject,
                name.isBlank() ? subject : name,
                roles(find(claims, settings.rolesClaim())),
                claims);
    }

    /** A claim by its whole name or, where there is none, by its path through nested objects. */
    private static @Nullable Object find(Map<?, ?> claims, String path) {
        Object whole = claims.get(path);
        int dot = path.indexOf('.');
        if (whole != null || dot < 0) {
            return whole;
        }
        return claims.get(path.substring(0, dot)) instanceof Map<?, ?> inner
                ? find(inner, path.substring(dot + 1))
                : null;
    }

    private static String text(@Nullable Object claim) {
        String text = claim instanceof String || claim instanceof Number ? claim.toString() : "";
        return Input.isPlain(text) ? text : "";
    }

    /** Roles come as a list, or as one text with spaces between them, like a scope. */
    private static Set<String> roles(@Nullable Object claim) {
        Stream<?> roles = claim instanceof Collection<?> list
                ? list.stream()
                : Stream.of(text(claim).split(" ", -1));
        return roles.filter(String.class::isInstance)
                .map(String.class::cast)
                .filter(role -> !role.isBlank() && Input.isPlain(role))
                .limit(ROLES_MOST)
                .collect(Collectors.toSet());
    }
}
