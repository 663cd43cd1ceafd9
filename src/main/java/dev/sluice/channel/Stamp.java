package dev.sluice.channel;

/**
 * What the server makes of the data that a connection wants to publish in a namespace: checks them, and puts in who it
 * was and when. Decides as well who is seen to type. Thread-safe; must not block.
 */
@FunctionalInterface
public interface Stamp {
    /** Publishes what came. */
    Stamp NONE = (from, member, request) -> request.data();

    /**
     * @param from who publishes
     * @param member the same, as others see it
     * @return JSON
     * @throws ChannelException when it must not be published
     */
    String on(Subscriber from, Member member, PublishRequest request);

    /**
     * Somebody types, and the others are about to be told so.
     *
     * @throws ChannelException when they must not be
     */
    default void onTyping(Member member, String channel) {
        // Who may publish may be seen to do so.
    }
}
