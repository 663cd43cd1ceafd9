package dev.sluice.channel;

import dev.sluice.auth.Caller;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Event.Cause;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The way of a subscription: reserved, permitted, entered, and permitted again when a token is refreshed. Thread-safe. */
final class Subscribing {
    private final Hub hub;
    private final Namespaces namespaces;
    private final Permissions permissions;
    private final Grants grants;
    private final int perConnection;
    private final Unchecked unchecked = new Unchecked();

    /** @param perConnection channels of a connection at most */
    Subscribing(Hub hub, Namespaces namespaces, Permissions permissions, Grants grants, int perConnection) {
        this.hub = hub;
        this.namespaces = namespaces;
        this.permissions = permissions;
        this.grants = grants;
        this.perConnection = perConnection;
    }

    /** @throws ChannelException when it is clear at once that it cannot be */
    void subscribe(Subscriber subscriber, SubscribeRequest request, Reply<Subscribed> reply) {
        Namespaces.Place place = namespaces.require(request.channel());
        Link link = hub.require(subscriber);
        Optional<Subscription> made = link.reserve(place.channel(), perConnection);
        if (made.isPresent()) {
            admit(place, made.get(), request, reply);
        } else if (request.again()) {
            subscribeAgain(place, link, request, reply);
        } else {
            throw new ChannelException(Reason.ALREADY_SUBSCRIBED, "Subscribed to " + place.channel() + " already.");
        }
    }

    private void subscribeAgain(Namespaces.Place place, Link link, SubscribeRequest request, Reply<Subscribed> reply) {
        Subscription known = link.find(place.channel()).orElseThrow(Link::gone);
        hub.enterAgain(place, new Waiter(known, request, Grant.NONE, reply, true));
    }

    private void admit(
            Namespaces.Place place, Subscription subscription, SubscribeRequest request, Reply<Subscribed> reply) {
        Caller caller = subscription.link().subscriber().caller();
        CompletionStage<Grant> admitted = request.byServer()
                ? CompletableFuture.completedFuture(Grant.ofServer(request.info()))
                : granted(place, caller, request.token());
        admitted.whenComplete((grant, error) -> {
            if (error == null) {
                subscription.setGrant(grant);
                hub.enter(place, new Waiter(subscription, request, grant, reply, false));
            } else {
                new Waiter(subscription, request, Grant.NONE, reply, false).refuse(Outcome.of(error));
            }
        });
    }

    private CompletionStage<Grant> granted(Namespaces.Place place, Caller caller, String token) {
        CompletableFuture<Grant> read = token.isEmpty()
                ? CompletableFuture.completedFuture(Grant.NONE)
                : grants.read(token, caller, place.channel());
        return read.thenCompose(grant ->
                permissions.subscribing(place, caller, grant.opens(), false).thenApply(ok -> grant));
    }

    CompletionStage<Optional<Duration>> refresh(Subscriber subscriber, String channel, String token) {
        Subscription subscription = hub.requireSubscription(subscriber, channel);
        Namespaces.Place place = namespaces.require(channel);
        Caller caller = subscriber.caller();
        return grants.read(token, caller, channel)
                .thenCompose(grant ->
                        stillAllowed(place, subscription, caller, grant.opens()).thenApply(ok -> grant))
                .thenApply(grant -> {
                    subscription.renew(grant);
                    hub.watch(subscription);
                    return subscription.expires().map(end -> Duration.between(hub.time(), end));
                });
    }

    /** Asks anew, unless it is the server's wish; where the answer is no, the subscription ends. */
    private CompletionStage<Void> stillAllowed(
            Namespaces.Place place, Subscription subscription, Caller caller, boolean byToken) {
        if (subscription.isByServer()) {
            return CompletableFuture.completedFuture(null);
        }
        return permissions.subscribing(place, caller, byToken, true).whenComplete((ok, error) -> {
            if (isDenied(error)) {
                hub.end(subscription, Optional.of(Cause.PERMISSION));
            }
        });
    }

    private static boolean isDenied(@Nullable Throwable error) {
        return error != null && Outcome.of(error).reason() == Reason.PERMISSION_DENIED;
    }

    /**
     * Ends the subscription if its caller may not listen any more, or is somebody else now. Where that cannot be told now,
     * it is checked again later.
     */
    void check(Subscription subscription) {
        Subscriber subscriber = subscription.link().subscriber();
        Namespaces.Place place = namespaces.require(subscription.channel());
        if (isOfAnother(subscription)) {
            hub.end(subscription, Optional.of(Cause.PERMISSION));
        } else {
            stillAllowed(place, subscription, subscriber.caller(), subscription.isByToken())
                    .whenComplete((ok, error) -> {
                        if (error != null && !isDenied(error)) {
                            unchecked.add(subscription);
                        }
                    });
        }
    }

    /** Checks what could not be checked; to be called several times a second. */
    void sweep() {
        unchecked.due(hub.time()).forEach(this::check);
    }

    private boolean isOfAnother(Subscription subscription) {
        String user = subscription.link().subscriber().user();
        return hub.find(
                        subscription.channel(),
                        topic -> subscription.isLive()
                                && !subscription.member().user().equals(user))
                .orElse(false);
    }
}
