package dev.sluice.auth;

import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.security.Jwk;
import io.jsonwebtoken.security.Jwks;
import io.jsonwebtoken.security.PublicJwk;
import java.io.IOException;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an outside issuer. They are read on first use, again when they are {@link #KEPT} old, and on a key
 * id that is not among them, but never more often than every {@link #PAUSE}; keys that cannot be read again stay as
 * they are. Thread-safe.
 */
final class OutsideKeys {
    static final Duration PAUSE = Duration.ofMinutes(1);
    static final Duration KEPT = Duration.ofHours(1);
    private static final Logger LOG = LoggerFactory.getLogger(OutsideKeys.class);

    private final KeySource source;
    private final InstantSource clock;
    private Instant triedAt = Instant.MIN;
    private Instant readAt = Instant.MIN;
    private List<Jwk<?>> keys = List.of();

    OutsideKeys(KeySource source, InstantSource clock) {
        this.source = source;
        this.clock = clock;
    }

    /** The key for tokens with this header; a header without a key id is enough where there is one key. */
    synchronized Optional<PublicKey> find(JwtHeader header) {
        if (readAt.isBefore(clock.instant().minus(KEPT))) {
            reload();
        }
        Optional<PublicKey> known = known(header);
        if (known.isEmpty()) {
            reload();
        }
        return known.isPresent() ? known : known(header);
    }

    /** Whether the keys were ever read: without them, no token is right or wrong. */
    synchronized boolean isReady() {
        return !readAt.equals(Instant.MIN);
    }

    private Optional<PublicKey> known(JwtHeader header) {
        return keys.stream()
                .filter(key -> key.getId() == null ? keys.size() == 1 : isMeant(key, header))
                .filter(key -> key.getAlgorithm() == null || key.getAlgorithm().equals(header.algorithm()))
                .findFirst()
                .map(key -> ((PublicJwk<?>) key).toKey());
    }

    private boolean isMeant(Jwk<?> key, JwtHeader header) {
        return header.kid().isEmpty() ? keys.size() == 1 : key.getId().equals(header.kid());
    }

    private void reload() {
        Instant now = clock.instant();
        if (triedAt.isAfter(now.minus(PAUSE))) {
            return;
        }
        triedAt = now;
        try {
            keys = parse(source.read());
            readAt = now;
        } catch (IOException | JwtException | IllegalArgumentException e) {
            LOG.warn("The key set of auth.jwks could not be read: {}", e.toString());
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
