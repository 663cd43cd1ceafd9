package dev.sluice.auth;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.ExpiredJwtException;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.Jwts;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Access tokens of our own: JWT signed by HS256 (RFC 7519, RFC 8725). They name their session, which must be alive;
 * name and roles are the account's of now. Thread-safe.
 */
final class AccessTokens {
    static final String ALGORITHM = "HS256";
    static final String SESSION = "sid";
    private static final String SELF = "sluice";

    private final SigningSecrets secrets;
    private final AliveSessions sessions;
    private final Duration lifetime;
    private final InstantSource clock;

    /** The account of a session that is alive, as it is now. */
    @FunctionalInterface
    interface AliveSessions {
        Optional<Account> findAccount(UUID session) throws SQLException;
    }

    AccessTokens(SigningSecrets secrets, AliveSessions sessions, Duration lifetime, InstantSource clock) {
        this.secrets = secrets;
        this.sessions = sessions;
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** The same tokens, whose sessions are looked up in another way. */
    AccessTokens with(AliveSessions otherwise) {
        return new AccessTokens(secrets, otherwise, lifetime, clock);
    }

    Duration lifetime() {
        return lifetime;
    }

    String issue(Account account, UUID session) throws SQLException {
        SigningSecrets.Secret secret = secrets.newest();
        Instant now = clock.instant();
        return Jwts.builder()
                .header()
                .keyId(secret.kid())
                .and()
                .subject(account.subject())
                .claim("name", account.name())
                .claim("roles", account.roles())
                .claim(SESSION, session.toString())
                .id(UUID.randomUUID().toString())
                .issuer(SELF)
                .audience()
                .add(SELF)
                .and()
                .issuedAt(Date.from(now))
                .expiration(Date.from(now.plus(lifetime)))
                .signWith(secret.key(), Jwts.SIG.HS256)
                .compact();
    }

    /**
     * The caller whom a token names.
     *
     * @throws dev.sluice.http.ProblemException 401 when it is forged, expired, from the future or its session is over
     */
    Caller verify(String token, JwtHeader header) throws SQLException {
        SigningSecrets.Secret secret = secrets.find(header.kid()).orElseThrow(Refusal::invalid);
        Claims claims = parse(token, secret);
        JwtTimes.check(claims, clock.instant());
        Account account = sessions.findAccount(session(claims)).orElseThrow(Refusal::invalid);
        if (!account.subject().equals(claims.getSubject())) {
            throw Refusal.invalid();
        }
        return caller(account, claims);
    }

    private Claims parse(String token, SigningSecrets.Secret secret) {
        try {
            return Jwts.parser()
                    .sig()
                    .clear()
                    .add(Jwts.SIG.HS256)
                    .and()
                    .verifyWith(secret.key())
                    .requireIssuer(SELF)
                    .requireAudience(SELF)
                    .clock(() -> Date.from(clock.instant()))
                    .clockSkewSeconds(JwtTimes.LEEWAY.toSeconds())
                    .build()
                    .parseSignedClaims(token)
                    .getPayload();
        } catch (ExpiredJwtException e) {
            throw Refusal.expired();
        } catch (JwtException | IllegalArgumentException e) {
            throw Refusal.invalid();
        }
    }

    private static UUID session(Claims claims) {
        try {
            return UUID.fromString(String.valueOf(claims.get(SESSION)));
        } catch (IllegalArgumentException e) {
            throw Refusal.invalid();
        }
    }

    private static Caller caller(Account account, Claims claims) {
        Map<String, Object> current = new LinkedHashMap<>(claims);
        current.put("name", account.name());
        current.put("roles", account.roles());
        current.put("email", account.email());
        return new Caller(account.subject(), account.name(), Set.copyOf(account.roles()), current);
    }
}
