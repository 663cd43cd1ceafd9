package dev.sluice.realtime.centrifugo;

import dev.sluice.realtime.Ending;
import java.util.Arrays;
import java.util.Optional;

/**
 * How connections are closed, by the codes that clients know: from 3000 to 3499 they come again by themselves, from 3500 to
 * 3999 they do not.
 */
enum Closing {
    CLOSED(3000, "connection closed"),
    SHUTDOWN(3001, "shutdown"),
    SERVER_ERROR(3004, "internal server error"),
    EXPIRED(3005, "connection expired"),
    SUBSCRIPTION_EXPIRED(3006, "subscription expired"),
    SLOW(3008, "slow"),
    WRITE_ERROR(3009, "write error"),
    INSUFFICIENT_STATE(3010, "insufficient state"),
    FORCE_RECONNECT(3011, "force reconnect"),
    NO_PONG(3012, "no pong"),
    TOO_MANY_REQUESTS(3013, "too many requests"),
    STATE_INVALIDATED(3014, "state invalidated"),
    INVALID_TOKEN(3500, "invalid token"),
    BAD_REQUEST(3501, "bad request"),
    STALE(3502, "stale"),
    FORCE_NO_RECONNECT(3503, "force disconnect"),
    CONNECTION_LIMIT(3504, "connection limit"),
    CHANNEL_LIMIT(3505, "channel limit"),
    INAPPROPRIATE_PROTOCOL(3506, "inappropriate protocol"),
    PERMISSION_DENIED(3507, "permission denied"),
    NOT_AVAILABLE(3508, "not available"),
    TOO_MANY_ERRORS(3509, "too many errors");

    private final int code;
    private final String reason;

    Closing(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    /** Empty for those that have the same code in all protocols. */
    static Optional<Closing> of(Ending ending) {
        return switch (ending) {
            case GONE, DONE -> Optional.of(CLOSED);
            case SHUTDOWN -> Optional.of(SHUTDOWN);
            case BROKEN -> Optional.of(SERVER_ERROR);
            case EXPIRED -> Optional.of(EXPIRED);
            case TOO_SLOW -> Optional.of(SLOW);
            case FAILED -> Optional.of(WRITE_ERROR);
            case NO_PONG -> Optional.of(NO_PONG);
            case TOO_MANY_REQUESTS -> Optional.of(TOO_MANY_REQUESTS);
            case UNAUTHENTICATED -> Optional.of(INVALID_TOKEN);
            case BAD_REQUEST, UNFINISHED -> Optional.of(BAD_REQUEST);
            case STALE -> Optional.of(STALE);
            case REVOKED -> Optional.of(FORCE_NO_RECONNECT);
            case USER_FULL -> Optional.of(CONNECTION_LIMIT);
            case NOT_TEXT -> Optional.of(INAPPROPRIATE_PROTOCOL);
            case TOO_MANY_ERRORS -> Optional.of(TOO_MANY_ERRORS);
            case FULL, OVERLOADED, TOO_LARGE -> Optional.empty();
        };
    }

    /** For a connection that cannot have what its token says it shall. */
    static Closing of(Fault fault) {
        return switch (fault) {
            case INTERNAL, TOO_MANY_REQUESTS -> SERVER_ERROR;
            case LIMIT_EXCEEDED -> CHANNEL_LIMIT;
            default -> BAD_REQUEST;
        };
    }

    /** What people are told beside a code; the application may choose others than these. */
    static String reason(int code) {
        return Arrays.stream(values())
                .filter(one -> one.code == code)
                .map(one -> one.reason)
                .findFirst()
                .orElse(FORCE_NO_RECONNECT.reason);
    }

    int code() {
        return code;
    }

    String reason() {
        return reason;
    }
}
