package dev.sluice.flow;

import java.util.Locale;

/** Why an outbox came to its end. */
public enum OutboxEnd {
    /** Its owner closed it; what waited was sent, as far as the client took it. */
    CLOSED,
    /** The client went away. */
    GONE,
    /** Something could not be written. */
    FAILED,
    /** More waited than may: the client reads more slowly than is written to it. */
    OVERFLOWN,
    /** One write took too long: the client reads nothing. */
    STALLED;

    /** As in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
