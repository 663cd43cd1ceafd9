package dev.sluice.channel;

/**
 * Who waits for an answer. Exactly one of the two is called, once, by any thread, maybe under the lock of a channel: what
 * holds for {@link Subscriber#deliver} holds here.
 */
public interface Reply<T> {
    void ok(T answer);

    void failed(ChannelException error);
}
