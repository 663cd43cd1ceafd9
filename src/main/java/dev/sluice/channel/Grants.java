package dev.sluice.channel;

import dev.sluice.auth.Caller;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.http.NumericDate;
import dev.sluice.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads subscription tokens, with Centrifugo's claims: {@code sub}, {@code channel}, {@code info}, {@code exp}, {@code
 * expire_at}. Thread-safe.
 */
final class Grants {
    /** How long after its expiry a subscription may still be refreshed. */
    static final Duration GRACE = Duration.ofSeconds(25);

    private static final String OTHER_END = "expire_at";

    private final Channels.Tokens tokens;
    private final Blocking blocking;
    private final InstantSource clock;

    Grants(Channels.Tokens tokens, Blocking blocking, InstantSource clock) {
        this.tokens = tokens;
        this.blocking = blocking;
        this.clock = clock;
    }

    /** What a token grants to this caller for this channel. Fails with {@link ChannelException}. */
    CompletableFuture<Grant> read(String token, Caller caller, String channel) {
        return blocking.call(() -> grant(verify(token), caller, channel));
    }

    private Map<String, Object> verify(String token) throws Exception {
        try {
            return tokens.verify(token);
        } catch (ProblemException e) {
            throw switch (e.code()) {
                case TOKEN_EXPIRED ->
                    new ChannelException(Reason.TOKEN_EXPIRED, "The subscription token has expired.", e);
                case UNAUTHORIZED -> denied("The subscription token is not valid.");
                default ->
                    new ChannelException(
                            Reason.UNAVAILABLE, "The subscription token cannot be checked now; try again.", e);
            };
        }
    }

    private Grant grant(Map<String, Object> claims, Caller caller, String channel) {
        if (!channel.equals(claims.get("channel")) || !isFor(caller, String.valueOf(claims.getOrDefault("sub", "")))) {
            throw denied("The subscription token is for another channel or another caller.");
        }
        Optional<Instant> end = end(claims);
        if (end.filter(instant -> !instant.isAfter(clock.instant())).isPresent()) {
            throw over(claims);
        }
        return new Grant(true, false, Member.info(claims.get("info")), end);
    }

    private static ChannelException over(Map<String, Object> claims) {
        return claims.containsKey(OTHER_END)
                ? new ChannelException(Reason.EXPIRED, "The subscription that this token grants is over.")
                : new ChannelException(Reason.TOKEN_EXPIRED, "The subscription token has expired.");
    }

    /** A caller of an outside issuer is known to the application by its subject there. */
    private static boolean isFor(Caller caller, String subject) {
        return subject.equals(caller.subject())
                || (caller.signedIn() && subject.equals(caller.claims().get("sub")));
    }

    /** When the subscription ends: {@code expire_at} where it is given (0 = never), else the end of the token. */
    private static Optional<Instant> end(Map<String, Object> claims) {
        return NumericDate.of(claims.containsKey(OTHER_END) ? claims.get(OTHER_END) : claims.get("exp"))
                .filter(Instant.EPOCH::isBefore);
    }

    private static ChannelException denied(String message) {
        return new ChannelException(Reason.PERMISSION_DENIED, message);
    }
}
