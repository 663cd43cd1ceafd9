package dev.sluice.channel;

import java.util.List;

/**
 * Somebody who waits to be subscribed. Immutable.
 *
 * @param again whether it is about a subscription that there was before
 */
record Waiter(
        Subscription subscription, SubscribeRequest request, Grant grant, Reply<Subscribed> reply, boolean again) {
    /** Whether publications are wanted, so that the top alone does not do. */
    boolean wantsPublications() {
        return request.since().isPresent() || request.recent() > 0;
    }

    /** Whether the subscription is not there yet because it is this that it waits for. */
    boolean isFirstOf(Subscription other) {
        return subscription == other && !again;
    }

    /** Answers it, and those who wait with it; nothing is left of the subscription. */
    void refuse(ChannelException error) {
        subscription.stop();
        subscription.link().release(subscription);
        List<Waiter> late = subscription.settle();
        reply.failed(error);
        late.forEach(one -> one.reply().failed(error));
    }
}
