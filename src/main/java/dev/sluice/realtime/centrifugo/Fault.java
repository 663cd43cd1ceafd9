package dev.sluice.realtime.centrifugo;

import dev.sluice.channel.ChannelException;

/** The errors of the protocol, by the codes that its clients know. */
enum Fault {
    INTERNAL(100, "internal server error", true),
    UNAUTHORIZED(101, "unauthorized", false),
    UNKNOWN_CHANNEL(102, "unknown channel", false),
    PERMISSION_DENIED(103, "permission denied", false),
    METHOD_NOT_FOUND(104, "method not found", false),
    ALREADY_SUBSCRIBED(105, "already subscribed", false),
    LIMIT_EXCEEDED(106, "limit exceeded", false),
    BAD_REQUEST(107, "bad request", false),
    NOT_AVAILABLE(108, "not available", false),
    TOKEN_EXPIRED(109, "token expired", false),
    EXPIRED(110, "expired", false),
    TOO_MANY_REQUESTS(111, "too many requests", true),
    UNRECOVERABLE_POSITION(112, "unrecoverable position", false);

    private final int code;
    private final String message;
    private final boolean temporary;

    Fault(int code, String message, boolean temporary) {
        this.code = code;
        this.message = message;
        this.temporary = temporary;
    }

    static Fault of(ChannelException error) {
        return switch (error.reason()) {
            case UNKNOWN_CHANNEL -> UNKNOWN_CHANNEL;
            case PERMISSION_DENIED -> PERMISSION_DENIED;
            case ALREADY_SUBSCRIBED -> ALREADY_SUBSCRIBED;
            case LIMIT_EXCEEDED, FULL, TOO_MANY_CHANNELS -> LIMIT_EXCEEDED;
            case BAD_REQUEST -> BAD_REQUEST;
            case NOT_AVAILABLE -> NOT_AVAILABLE;
            case TOKEN_EXPIRED -> TOKEN_EXPIRED;
            case EXPIRED -> EXPIRED;
            case UNRECOVERABLE_POSITION -> UNRECOVERABLE_POSITION;
            case UNAVAILABLE -> INTERNAL;
            case TOO_MANY_REQUESTS -> TOO_MANY_REQUESTS;
        };
    }

    int code() {
        return code;
    }

    /** As Centrifugo words it. */
    String message() {
        return message;
    }

    /** Whether the same may succeed later: clients try again by themselves. */
    boolean temporary() {
        return temporary;
    }
}
