package dev.sluice.auth;

import dev.sluice.http.NumericDate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.SecretKey;

/**
 * Tokens that an application signs by HS256 with the secret it shares with us, to let one of its own users connect. Their
 * claims are Centrifugo's: {@code sub}, {@code exp}, {@code expire_at}, {@code info}, {@code channels}, {@code subs}.
 * Thread-safe.
 */
final class ApplicationTokens {
    private static final int SUBJECT_MOST = 255;
    private static final int NAME_MOST = 100;
    /** A token that names a channel lets somebody listen to it, and no more. */
    private static final String CHANNEL = "channel";

    private static final String END = "exp";
    private static final String OTHER_END = "expire_at";
    /** Claims by which we know our own callers: an application's user has no session or key here. */
    private static final Set<String> OURS = Set.of(AccessTokens.SESSION, "key", CHANNEL);

    private final InstantSource clock;

    ApplicationTokens(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether a token is one of these, going by what it says of itself: ours name the key that signed them. */
    static boolean isMeant(String token) {
        return token.length() <= Authenticator.TOKEN_MOST
                && JwtHeader.of(token)
                        .filter(header -> header.algorithm().equals(AccessTokens.ALGORITHM)
                                && header.kid().isEmpty())
                        .isPresent();
    }

    /**
     * The caller whom a token names; without a subject it is nobody in particular. What {@code expire_at} grants may be over.
     *
     * @throws dev.sluice.http.ProblemException 401 when it is not valid
     */
    Caller verify(String token, SecretKey key) {
        Map<String, Object> claims = new LinkedHashMap<>(HmacJwt.parse(token, key, clock.instant()));
        Object subject = claims.getOrDefault("sub", "");
        if (!(subject instanceof String text)
                || text.length() > SUBJECT_MOST
                || !Input.isPlain(text)
                || claims.containsKey(CHANNEL)) {
            throw Refusal.invalid();
        }
        Optional<Instant> end = end(claims);
        claims.keySet().removeAll(OURS);
        claims.remove(END);
        end.ifPresent(instant -> claims.put(END, instant.getEpochSecond()));
        return new Caller(text, name(claims, text), Set.of(), claims);
    }

    /** When the connection ends: {@code expire_at} where it is given (0 = never), else the end of the token. */
    private static Optional<Instant> end(Map<String, Object> claims) {
        return NumericDate.of(claims.containsKey(OTHER_END) ? claims.get(OTHER_END) : claims.get(END))
                .filter(Instant.EPOCH::isBefore);
    }

    /** What others are shown: {@code info.name}, else the subject. */
    private static String name(Map<String, Object> claims, String subject) {
        return claims.get("info") instanceof Map<?, ?> info
                        && info.get("name") instanceof String name
                        && !name.isBlank()
                        && name.length() <= NAME_MOST
                        && Input.isPlain(name)
                ? name
                : subject;
    }
}
