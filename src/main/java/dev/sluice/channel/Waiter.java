package dev.sluice.channel;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody who waits to be subscribed. Immutable.
 *
 * @param again whether it is about a subscription that there was before
 */
record Waiter(
        Subscription subscription, SubscribeRequest request, Grant grant, Reply<Subscribed> reply, boolean again) {
    private static final Logger LOG = LoggerFactory.getLogger(Waiter.class);

    /** As {@link SubscribeRequest#wantsPublications}. */
    boolean wantsPublications() {
        return request.wantsPublications();
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
        fail(error);
        late.forEach(one -> one.fail(error));
    }

    void answer(Subscribed answer) {
        tell(() -> reply.ok(answer));
    }

    void fail(ChannelException error) {
        tell(() -> reply.failed(error));
    }

    /** What goes wrong with one answer must not keep the others from theirs. */
    private void tell(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "An answer could not be given to {}",
                    subscription.link().subscriber().connection(),
                    e);
        }
    }
}
