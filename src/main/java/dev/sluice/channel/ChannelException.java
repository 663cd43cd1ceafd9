package dev.sluice.channel;

/** Something that a channel refuses, or cannot do now. Its message is shown to the caller and holds no secret. */
public final class ChannelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. Each protocol has a code of its own for it. */
    public enum Reason {
        /** No namespace opens such a channel. */
        UNKNOWN_CHANNEL,
        PERMISSION_DENIED,
        ALREADY_SUBSCRIBED,
        /** The connection has as many channels as it may. */
        LIMIT_EXCEEDED,
        BAD_REQUEST,
        /** The namespace does not have that: no history, no presence, no typing; or there is no such subscription. */
        NOT_AVAILABLE,
        TOKEN_EXPIRED,
        /** What a token grants is over, though the token itself is not. */
        EXPIRED,
        /** The stream that the position belongs to is gone. */
        UNRECOVERABLE_POSITION,
        /** Not now; the same may succeed soon. */
        UNAVAILABLE,
        /** Too much at once; the same may succeed later. */
        TOO_MANY_REQUESTS,
        /** The channel has as many members as it may. */
        FULL,
        /** There are as many channels as there may be: of this namespace, on this node, or in the database. */
        TOO_MANY_CHANNELS;

        /**
         * Whether only who does not keep to the rules meets it. All else happens to good clients as well, and to each of their
         * channels at once: rights change, tokens run out, databases go away or are slow, so that too much waits for them.
         */
        public boolean isOffence() {
            return this == BAD_REQUEST;
        }
    }

    private final Reason reason;

    public ChannelException(Reason reason, String message) {
        this(reason, message, null);
    }

    /** Without a stack trace: it tells of the client, not of the code. */
    public ChannelException(Reason reason, String message, @org.jspecify.annotations.Nullable Throwable cause) {
        super(message, cause, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
