package dev.sluice.channel;

import dev.sluice.auth.Caller;

/** One live connection, as channels see it. Made by a protocol; {@link Channels#connect connected} once. Thread-safe. */
public interface Subscriber {
    /** A name of its own among all connections of all nodes; at most 64 characters. */
    String connection();

    /** Who it is, as of now: refreshing a token may change it, see {@link Channels#refreshed}. */
    Caller caller();

    /** Whom presence counts: connections of one user are one; empty stands for a user of its own. */
    default String user() {
        return caller().subject();
    }

    /** Shown to others; at most 100 characters. */
    default String name() {
        return caller().name();
    }

    /** JSON for others to see, of the connection; empty = its name; at most {@link Member#INFO_MOST} characters. */
    default String info() {
        return "";
    }

    /**
     * Something happened in a channel that it is subscribed to. Called under the lock of that channel, in the order of
     * the channel: encode ({@link Event#encoded}) and put it into a queue, no more. Must not block, and must not call
     * {@link Channels}, but for {@link Channels#disconnect}, which then takes effect at once and tidies up soon after.
     */
    void deliver(Event event);
}
