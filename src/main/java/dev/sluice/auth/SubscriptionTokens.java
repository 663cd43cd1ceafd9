package dev.sluice.auth;

import io.jsonwebtoken.Claims;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.SecretKey;

/**
 * Tokens that let one caller listen to one channel: JWT signed by HS256, with the secret that an application shares with
 * us, or with our own. No access token is one, because it names no channel. Thread-safe.
 */
final class SubscriptionTokens {
    private static final String CHANNEL = "channel";

    private final SigningSecrets secrets;
    private final InstantSource clock;

    SubscriptionTokens(SigningSecrets secrets, InstantSource clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    /**
     * The claims of a token, as JSON values.
     *
     * @param shared the application's secret
     * @throws dev.sluice.http.ProblemException 401 when it is forged, expired or from the future, or names no channel
     */
    Map<String, Object> verify(String token, Optional<SecretKey> shared) throws SQLException {
        if (token.length() > Authenticator.TOKEN_MOST) {
            throw Refusal.invalid();
        }
        JwtHeader header = JwtHeader.of(token).orElseThrow(Refusal::invalid);
        Claims claims = HmacJwt.parse(token, key(header, shared), clock.instant());
        if (!(claims.get(CHANNEL) instanceof String)) {
            throw Refusal.invalid();
        }
        return new LinkedHashMap<>(claims);
    }

    /** Ours where the token names one of ours. */
    private SecretKey key(JwtHeader header, Optional<SecretKey> shared) throws SQLException {
        if (!header.algorithm().equals(AccessTokens.ALGORITHM)) {
            throw Refusal.invalid();
        }
        if (header.kid().isEmpty() && shared.isPresent()) {
            return shared.get();
        }
        return secrets.find(header.kid())
                .map(SigningSecrets.Secret::key)
                .or(() -> shared)
                .orElseThrow(Refusal::invalid);
    }
}
