package dev.sluice.broker;

/**
 * What a broker hands to a node: everything published and signalled anywhere, the node's own included. Called by threads
 * of the broker's; must not block. Publications of one channel come one at a time, in the order of their offsets.
 */
public interface Feed {
    /** Where this fails, {@link #lost} follows. */
    void publication(Publication publication);

    void signal(Signal signal);

    /**
     * Publications of any channel may be missing, and no offset need ever tell: the broker was out of this node's reach
     * for longer than it holds them ready for all nodes, or one could not be handed in. Said again where it fails.
     */
    default void lost() {}
}
