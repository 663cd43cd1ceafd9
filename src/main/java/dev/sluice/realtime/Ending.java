package dev.sluice.realtime;

import java.util.Locale;

/** Why a connection ended. Each has a close code (RFC 6455, section 7.4) that a {@link Dialect} may replace. */
public enum Ending {
    /** The client closed it, or is gone. */
    GONE(1000, ""),
    /** The protocol had nothing more to say. */
    DONE(1000, ""),
    /** The token is not valid, or there is none. */
    UNAUTHENTICATED(4001, "Unauthorized"),
    /** No token came in time. */
    STALE(4001, "Unauthorized"),
    /** The token ran out and was not replaced. */
    EXPIRED(4001, "Token expired"),
    /** The session was revoked, the key deleted, or the account disabled. */
    REVOKED(4001, "Revoked"),
    /** There are as many connections as there may be, in all, or of this address. */
    FULL(1013, "Full, try again later"),
    /** This user has as many connections as one may have. */
    USER_FULL(1013, "Too many connections of one user"),
    /** More bytes of unfinished messages have come than may wait. */
    OVERLOADED(1013, "Busy, try again later"),
    /** A message was larger than allowed. */
    TOO_LARGE(1009, "Message too large"),
    /** A message was not a text. */
    NOT_TEXT(1003, "Text only"),
    /** A message was none of this protocol. */
    BAD_REQUEST(1008, "Bad request"),
    /** A message did not come to its end. */
    UNFINISHED(1008, "Message not finished in time"),
    /** The client went on to send too much. */
    TOO_MANY_REQUESTS(1008, "Too many messages"),
    /** The client went on after many errors. */
    TOO_MANY_ERRORS(1008, "Too many errors"),
    /** The client reads too slowly, or not at all. */
    TOO_SLOW(3008, "Too slow"),
    /** No sign of life came. */
    NO_PONG(1001, "No sign of life"),
    /** Something could not be written. */
    FAILED(1001, "Write failed"),
    /** This node goes down. */
    SHUTDOWN(1001, "Shutting down"),
    /** The server made a mistake. */
    BROKEN(1011, "Internal error");

    private final int code;
    private final String reason;

    Ending(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    public int code() {
        return code;
    }

    /** For the close frame; at most 123 bytes. */
    public String reason() {
        return reason;
    }

    /** As in metrics: {@code too-slow}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
