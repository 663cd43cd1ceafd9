package dev.sluice.auth;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.security.Jwk;
import io.jsonwebtoken.security.Jwks;
import io.jsonwebtoken.security.PublicJwk;
import java.io.IOException;
import java.security.PublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The public keys of an outside issuer. They are read on first use, again when they are {@link #KEPT} old, and on a key
 * id that is not among them, but no more often than every {@link #PAUSE}; keys that cannot be read again stay as they
 * are. Thread-safe.
 */
final class OutsideKeys {
    static final Duration PAUSE = Duration.ofMinutes(1);
    static final Duration KEPT = Duration.ofHours(1);
    /** A source that is away is asked again sooner than one that has answered. */
    static final Duration FAILURE_PAUSE = Duration.ofSeconds(10);

    private final Snapshot<List<Jwk<?>>> keys;

    OutsideKeys(KeySource source, InstantSource ticks) {
        this.keys = new Snapshot<>("The key set of auth.jwks", () -> read(source), FAILURE_PAUSE, ticks);
    }

    /**
     * The key for tokens with this header; a header without a key id is enough where there is one key.
     *
     * @throws ProblemException 503 when it is not known and the issuer's keys cannot be read: no token is right or wrong
     */
    Optional<PublicKey> find(JwtHeader header) {
        if (keys.value().isPresent()) {
            keys.refresh(KEPT);
        }
        Optional<PublicKey> known = known(header);
        if (known.isEmpty() && !keys.require(PAUSE)) {
            throw new ProblemException(ErrorCode.BUSY, "The issuer's keys cannot be read.")
                    .retryAfter(FAILURE_PAUSE.toSeconds());
        }
        return known.isPresent() ? known : known(header);
    }

    private Optional<PublicKey> known(JwtHeader header) {
        List<Jwk<?>> known = keys.value().orElse(List.of());
        return known.stream()
                .filter(key -> key.getId() == null ? known.size() == 1 : isMeant(key, header, known.size()))
                .filter(key -> key.getAlgorithm() == null || key.getAlgorithm().equals(header.algorithm()))
                .findFirst()
                .map(key -> ((PublicJwk<?>) key).toKey());
    }

    private static boolean isMeant(Jwk<?> key, JwtHeader header, int count) {
        return header.kid().isEmpty() ? count == 1 : key.getId().equals(header.kid());
    }

    private static List<Jwk<?>> read(KeySource source) throws IOException {
        String text = source.read();
        try {
            return parse(text);
        } catch (JwtException | IllegalArgumentException e) {
            throw new IOException("it is no key set", e);
        }
    }

    /** Public keys for signatures alone: a secret or private key in a published set proves nothing. */
    private static List<Jwk<?>> parse(String text) {
        return Jwks.setParser().build().parse(text).getKeys().stream()
                .filter(PublicJwk.class::isInstance)
                .filter(key -> !"enc".equals(((PublicJwk<?>) key).getPublicKeyUse()))
                .<Jwk<?>>map(key -> key)
                .toList();
    }
}
