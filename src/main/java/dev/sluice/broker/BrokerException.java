package dev.sluice.broker;

/** Something could not be published or read. */
public final class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** Too much waits already; nothing was published. */
        OVERLOADED,
        /** The channel is new, and there are as many as may be kept; nothing was published. */
        FULL,
        /** The broker is not there, or going down; nothing was published. */
        UNAVAILABLE,
        /** The broker went away before it answered: the publication may have been made. The key of a draft helps. */
        UNKNOWN
    }

    private final Reason reason;

    public BrokerException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public BrokerException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
