package dev.sluice.broker;

/**
 * What nodes tell each other and nobody keeps: who came, who types. Immutable.
 *
 * @param node the node that sent it
 * @param channel which channel it is about; empty for all
 * @param kind what it says, one word
 * @param body JSON, at most {@link #MOST} bytes in UTF-8
 */
public record Signal(String node, String channel, String kind, String body) {
    /** Bytes of a body at most: a notification of PostgreSQL carries under 8,000 with what is around it. */
    public static final int MOST = 7000;
}
