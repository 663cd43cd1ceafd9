package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException.Reason;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** Publishing, with its permissions and limits. Throws {@link ChannelException}, or fails with it. Thread-safe. */
final class Publishing {
    private static final int KEY_MOST = 128;
    private static final Pattern EVENT = Pattern.compile("[\\p{L}\\p{Nd}_.:-]{0,64}");

    private final Hub hub;
    private final Namespaces namespaces;
    private final Permissions permissions;

    Publishing(Hub hub, Namespaces namespaces, Permissions permissions) {
        this.hub = hub;
        this.namespaces = namespaces;
        this.permissions = permissions;
    }

    /** In the name of a connection. */
    CompletionStage<Position> publish(Subscriber subscriber, PublishRequest request) {
        Namespaces.Place place = namespaces.require(request.channel());
        Link link = hub.require(subscriber);
        PublishRequest checked = checked(request);
        Optional<Subscription> subscription = hub.findLive(link, place.channel());
        Member member = member(subscriber, subscription);
        return link.inTurn(
                        checked.data().length(),
                        permissions.publishing(place, subscriber.caller(), subscription.isPresent()),
                        () -> publish(place, stamped(place, subscriber, member, checked), member.json()))
                .thenApply(position -> {
                    hub.ifThere(place.channel(), topic -> topic.attendance().type(member, false));
                    return position;
                });
    }

    /** In the name of the server. */
    CompletionStage<Position> publish(PublishRequest request) {
        return publish(namespaces.require(request.channel()), checked(request), "");
    }

    CompletionStage<Void> forget(String channel) {
        Namespaces.Place place = namespaces.require(channel);
        return revising(place, broker(place).forget(channel));
    }

    CompletionStage<Boolean> replace(String channel, long offset, String data) {
        Namespaces.Place place = namespaces.require(channel);
        return revising(place, broker(place).replace(channel, offset, PublicationData.check(data)));
    }

    /** Also where it failed: it may have been done nevertheless. */
    private <T> CompletionStage<T> revising(Namespaces.Place place, CompletionStage<T> work) {
        return work.whenComplete((done, error) -> hub.revise(place));
    }

    private static CompletionStage<Position> publish(Namespaces.Place place, PublishRequest request, String info) {
        return broker(place)
                .publish(new Draft(request.channel(), request.event(), request.data(), info, request.idempotencyKey()));
    }

    private static Broker broker(Namespaces.Place place) {
        return place.namespace().relay().broker();
    }

    private static PublishRequest stamped(
            Namespaces.Place place, Subscriber subscriber, Member member, PublishRequest request) {
        String data = place.namespace().stamp().on(subscriber, member, request);
        return new PublishRequest(request.channel(), request.event(), data, request.idempotencyKey());
    }

    private static Member member(Subscriber subscriber, Optional<Subscription> subscription) {
        // As presence shows it: a name may be another in each channel, and another since.
        return subscription
                .map(Subscription::member)
                .orElseGet(() -> new Member(
                        subscriber.connection(), subscriber.user(), subscriber.name(), subscriber.info(), ""));
    }

    private static PublishRequest checked(PublishRequest request) {
        if (!EVENT.matcher(request.event()).matches()) {
            throw new ChannelException(
                    Reason.BAD_REQUEST, "The name of an event has letters, digits and -_.:, at most 64.");
        }
        if (request.idempotencyKey().length() > KEY_MOST
                || !request.idempotencyKey().chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new ChannelException(
                    Reason.BAD_REQUEST, "An idempotency key has visible ASCII characters, at most " + KEY_MOST + ".");
        }
        String data = PublicationData.check(request.data());
        return new PublishRequest(request.channel(), request.event(), data, request.idempotencyKey());
    }
}
