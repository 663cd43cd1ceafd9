package dev.sluice.realtime.chat;

import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Channels;
import dev.sluice.channel.Reply;
import dev.sluice.channel.SubscribeRequest;
import dev.sluice.channel.Subscribed;
import dev.sluice.realtime.Envelope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A connection on its way into a channel, for one of the two that a channel can be for it. Answers once. */
final class Entering implements Reply<Subscribed> {
    private final Envelope message;
    private final ChatSubscriber subscriber;
    private final Replies replies;
    private final String channel;
    private final ChatSubscriber.View view;
    private final String type;
    private final Function<Subscribed, Object> payload;
    private final CompletableFuture<?> over = new CompletableFuture<>();

    /**
     * @param type of the answer
     * @param payload of the answer
     */
    Entering(
            Envelope message,
            ChatSubscriber subscriber,
            Replies replies,
            String channel,
            ChatSubscriber.View view,
            String type,
            Function<Subscribed, Object> payload) {
        this.message = message;
        this.subscriber = subscriber;
        this.replies = replies;
        this.channel = channel;
        this.view = view;
        this.type = type;
        this.payload = payload;
    }

    /**
     * Asks to be let in.
     *
     * @return completes when the answer is on its way
     */
    CompletionStage<?> ask(Channels channels, SubscribeRequest request) {
        channels.subscribe(subscriber, request, this);
        return over;
    }

    @Override
    public void ok(Subscribed subscribed) {
        // What happens from now on is told after this answer, and not before.
        subscriber.see(channel, view);
        replies.send(message, type, payload.apply(subscribed));
        over.complete(null);
    }

    @Override
    public void failed(ChannelException error) {
        replies.error(message, error);
        over.complete(null);
    }
}
