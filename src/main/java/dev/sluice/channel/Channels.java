package dev.sluice.channel;

import dev.sluice.auth.Caller;
import dev.sluice.broker.Broker;
import dev.sluice.broker.Draft;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Retention;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Event.Cause;
import dev.sluice.db.Database;
import dev.sluice.flow.Budget;
import dev.sluice.settings.ChannelSettings;
import dev.sluice.settings.NamespaceSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The door to channels: subscribing with and without recovery, publishing, history, presence and typing, with permissions
 * and limits. Protocols {@link #connect} their connections and come with their wishes; what happens reaches them through
 * {@link Subscriber#deliver}. Nothing here blocks.
 *
 * <p>Thread-safe; made by the composition root, {@link #start started} once, {@link #sweep swept} several times a second,
 * closed before its brokers.
 */
public final class Channels implements AutoCloseable {
    /** Bytes in UTF-8 of the data of a publication, at most. */
    public static final int DATA_MOST = 64 * 1024;
    /** Publications of a page of history, at most; and those recovered. */
    public static final int PAGE_MOST = Recovery.MOST;

    private static final int BLOCKED_MOST = 1_000;
    private static final int KEY_MOST = 128;
    private static final Pattern EVENT = Pattern.compile("[\\p{L}\\p{Nd}_.:-]{0,64}");

    private final ChannelSettings settings;
    private final Namespaces namespaces;
    private final Collection<Relay> relays;
    private final Hub hub;
    private final Blocking blocking = new Blocking(BLOCKED_MOST);
    private final Permissions permissions;
    private final Grants grants;
    private final InstantSource clock;
    private final InstantSource ticks;
    private volatile Instant announced = Instant.MIN;

    /** Verifies subscription tokens. */
    @FunctionalInterface
    public interface Tokens {
        /**
         * Blocks until it is known whether the token is genuine and valid.
         *
         * @return its claims
         * @throws dev.sluice.http.ProblemException when it is not
         */
        Map<String, Object> verify(String token) throws Exception;
    }

    /**
     * @param local the broker of namespaces that are this node's alone
     * @param shared the broker of all others
     * @param database where permission functions are
     * @param stamps what the server makes of published data, for namespaces that want that
     * @param clock for time stamps
     * @param ticks for durations
     */
    public Channels(
            ChannelSettings settings,
            Broker local,
            Broker shared,
            Database database,
            Tokens tokens,
            Map<String, Stamp> stamps,
            InstantSource clock,
            InstantSource ticks,
            Budget budget,
            MeterRegistry metrics) {
        this(settings, local, shared, new SqlFunctions(database), tokens, stamps, clock, ticks, metrics);
        budget.register(new Budget.Gauge("channels", hub::channels, settings.maxChannels()));
        namespaces.all().stream()
                .filter(one -> one.settings().channels() < settings.maxChannels())
                .forEach(one -> budget.register(new Budget.Gauge(
                        "channels." + one.settings().name(),
                        one::count,
                        one.settings().channels())));
    }

    /** The same with functions from elsewhere. */
    Channels(
            ChannelSettings settings,
            Broker local,
            Broker shared,
            PermissionFunctions functions,
            Tokens tokens,
            Map<String, Stamp> stamps,
            InstantSource clock,
            InstantSource ticks,
            MeterRegistry metrics) {
        this.settings = settings;
        this.clock = clock;
        this.ticks = ticks;
        String node = UUID.randomUUID().toString();
        IdentityHashMap<Broker, Relay> byBroker = new IdentityHashMap<>();
        List<Namespace> made = new ArrayList<>();
        for (NamespaceSettings one : settings.namespaces()) {
            Relay relay =
                    byBroker.computeIfAbsent(one.durable() ? shared : local, broker -> new Relay(broker, node, ticks));
            made.add(new Namespace(one, relay, stamps.getOrDefault(one.name(), Stamp.NONE)));
        }
        this.relays = List.copyOf(byBroker.values());
        this.namespaces = new Namespaces(made);
        this.hub = new Hub(
                namespaces, relays, settings.maxChannels(), blocking, clock, ticks, new ChannelMetrics(metrics));
        this.permissions = new Permissions(new Answers(functions, blocking, settings.permissionCache(), ticks));
        this.grants = new Grants(tokens, blocking, clock);
    }

    /** How much of each channel's stream is to be kept: for the brokers, which are made before. */
    public static Function<String, Retention> retention(ChannelSettings settings) {
        Map<String, Retention> byNamespace = new TreeMap<>();
        settings.namespaces().forEach(one -> byNamespace.put(one.name(), Namespace.retention(one)));
        return channel -> {
            int colon = channel.indexOf(':');
            return byNamespace.getOrDefault(colon < 0 ? channel : channel.substring(0, colon), Retention.NOTHING);
        };
    }

    /** Begins to hear what is published. */
    public void start() {
        relays.forEach(relay -> relay.broker().start(hub.feed(relay)));
        announceIfDue();
    }

    // -- Connections

    /** Lets a connection in. */
    public void connect(Subscriber subscriber) {
        hub.connect(subscriber);
    }

    /** It has gone, or must go: it leaves all channels, and hears nothing from now on. Harmless when done twice. */
    public void disconnect(Subscriber subscriber) {
        hub.disconnect(subscriber);
    }

    /**
     * Its {@link Subscriber#caller} has changed: what it may listen to is checked again, with fresh answers of functions,
     * and ends where it may not any more ({@link Event.Unsubscribed}). Another user loses all.
     */
    public void refreshed(Subscriber subscriber) {
        find(subscriber).ifPresent(link -> link.all().forEach(this::check));
    }

    private void check(Subscription subscription) {
        Subscriber subscriber = subscription.link().subscriber();
        Namespaces.Place place = namespaces.require(subscription.channel());
        boolean isOther = hub.find(
                        subscription.channel(),
                        topic -> subscription.isLive()
                                && !subscription.member().user().equals(subscriber.user()))
                .orElse(false);
        CompletionStage<Void> allowed = isOther
                ? CompletableFuture.failedFuture(new ChannelException(Reason.PERMISSION_DENIED, "Another user."))
                : permissions.subscribing(place, subscriber.caller(), subscription.isByToken(), true);
        allowed.whenComplete((ok, error) -> {
            if (error != null && Outcome.of(error).reason() == Reason.PERMISSION_DENIED) {
                hub.end(subscription, Optional.of(Cause.PERMISSION));
            }
        });
    }

    // -- Subscriptions

    /**
     * Subscribes. The answer comes before the first event of the subscription, and what it says is continued by them
     * without a gap. A subscriber that has gone gets an error, or no answer.
     */
    public void subscribe(Subscriber subscriber, SubscribeRequest request, Reply<Subscribed> reply) {
        try {
            Namespaces.Place place = namespaces.require(request.channel());
            Link link = hub.require(subscriber);
            Optional<Subscription> made = link.reserve(place.channel(), settings.perConnection());
            if (made.isPresent()) {
                admit(place, made.get(), request, reply);
            } else if (request.again()) {
                subscribeAgain(place, link, request, reply);
            } else {
                throw new ChannelException(Reason.ALREADY_SUBSCRIBED, "Subscribed to " + place.channel() + " already.");
            }
        } catch (ChannelException e) {
            reply.failed(e);
        }
    }

    private void subscribeAgain(Namespaces.Place place, Link link, SubscribeRequest request, Reply<Subscribed> reply) {
        Optional<Subscription> known = link.find(place.channel());
        if (known.isPresent()) {
            hub.enterAgain(place, new Waiter(known.get(), request, Grant.NONE, reply, true));
        } else {
            reply.failed(Link.gone());
        }
    }

    private void admit(
            Namespaces.Place place, Subscription subscription, SubscribeRequest request, Reply<Subscribed> reply) {
        Caller caller = subscription.link().subscriber().caller();
        CompletableFuture<Grant> granted = request.token().isEmpty()
                ? CompletableFuture.completedFuture(Grant.NONE)
                : grants.read(request.token(), caller, place.channel());
        CompletionStage<Grant> admitted = granted.thenCompose(grant ->
                permissions.subscribing(place, caller, grant.opens(), false).thenApply(ok -> grant));
        admitted.whenComplete((grant, error) -> {
            Waiter waiter = new Waiter(subscription, request, error == null ? grant : Grant.NONE, reply, false);
            if (error == null) {
                subscription.setGrant(grant);
                hub.enter(place, waiter);
            } else {
                waiter.refuse(Outcome.of(error));
            }
        });
    }

    /**
     * Ends a subscription by the subscriber's wish.
     *
     * @return whether there was one
     */
    public boolean unsubscribe(Subscriber subscriber, String channel) {
        Optional<Subscription> known = find(subscriber).flatMap(link -> link.find(channel));
        known.ifPresent(hub::leave);
        return known.isPresent();
    }

    /**
     * Ends a subscription by the server's wish; the subscriber is told.
     *
     * @return whether there was one
     */
    public boolean expel(Subscriber subscriber, String channel) {
        Optional<Subscription> known = find(subscriber).flatMap(link -> link.find(channel));
        known.ifPresent(subscription -> hub.end(subscription, Optional.of(Cause.SERVER)));
        return known.isPresent();
    }

    /**
     * Replaces the token of a subscription.
     *
     * @return completes with how long it lives from now on; empty = for ever
     */
    public CompletionStage<Optional<Duration>> refresh(Subscriber subscriber, String channel, String token) {
        return attempt(() -> {
            Subscription subscription = requireSubscription(subscriber, channel);
            return grants.read(token, subscriber.caller(), channel).thenApply(grant -> {
                subscription.setGrant(grant);
                hub.watch(subscription);
                return subscription.expires().map(end -> Duration.between(clock.instant(), end));
            });
        });
    }

    /** The channels that a connection is subscribed to, or about to be. */
    public List<String> subscriptions(Subscriber subscriber) {
        return find(subscriber)
                .map(link -> link.all().stream().map(Subscription::channel).toList())
                .orElse(List.of());
    }

    // -- Publishing

    /**
     * Publishes in the name of a connection, whose publications keep the order of these calls.
     *
     * @return completes with the place of the publication; fails with {@link ChannelException}
     */
    public CompletionStage<Position> publish(Subscriber subscriber, PublishRequest request) {
        return attempt(() -> {
            Namespaces.Place place = namespaces.require(request.channel());
            Link link = hub.require(subscriber);
            PublishRequest checked = checked(request);
            Optional<Subscription> subscription = live(link, place);
            Member member = memberOf(subscriber, subscription);
            return link.inTurn(
                            permissions.publishing(place, subscriber.caller(), subscription.isPresent()),
                            () -> publish(place, stamped(place, subscriber, member, checked), member.json()))
                    .thenApply(position -> {
                        hub.ifThere(place.channel(), topic -> topic.published(member));
                        return position;
                    });
        });
    }

    private static PublishRequest stamped(
            Namespaces.Place place, Subscriber subscriber, Member member, PublishRequest request) {
        String data = place.namespace().stamp().on(subscriber, member, request);
        return new PublishRequest(request.channel(), request.event(), data, request.idempotencyKey());
    }

    /** Publishes in the name of the server. */
    public Publisher publisher() {
        return request -> attempt(() -> publish(namespaces.require(request.channel()), checked(request), ""));
    }

    private static CompletionStage<Position> publish(Namespaces.Place place, PublishRequest request, String info) {
        Broker broker = place.namespace().relay().broker();
        return broker.publish(
                new Draft(request.channel(), request.event(), request.data(), info, request.idempotencyKey()));
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

    // -- Reading

    /** Reads what is kept, for a connection that listens to the channel or may. Fails with {@link ChannelException}. */
    public CompletionStage<History> history(Subscriber subscriber, HistoryRequest request) {
        return attempt(() -> readable(subscriber, request.channel()).thenCompose(place -> history(place, request)));
    }

    /** The same for the server itself. */
    public CompletionStage<History> history(HistoryRequest request) {
        return attempt(() -> history(namespaces.require(request.channel()), request));
    }

    private CompletionStage<History> history(Namespaces.Place place, HistoryRequest request) {
        if (!place.namespace().keeps()) {
            throw new ChannelException(Reason.NOT_AVAILABLE, "Nothing is kept of " + place.channel() + ".");
        }
        if (request.limit() < 0) {
            throw new ChannelException(Reason.BAD_REQUEST, "The limit is a number from 0 on.");
        }
        long after = request.since().map(Position::offset).orElse(-1L);
        int limit = Math.min(request.limit(), PAGE_MOST);
        return hub.history(place, new History.Query(after, limit, request.reverse()))
                .thenApply(history -> page(request, history));
    }

    private static History page(HistoryRequest request, History history) {
        String epoch = request.since().map(Position::epoch).orElse("");
        if (!epoch.isEmpty() && !epoch.equals(history.top().epoch())) {
            throw new ChannelException(Reason.UNRECOVERABLE_POSITION, "The stream of that position is gone.");
        }
        long characters = 0;
        int count = 0;
        for (Publication publication : history.publications()) {
            characters += publication.data().length();
            if (count > 0 && characters > Recovery.MOST_CHARACTERS) {
                return new History(history.top(), history.publications().subList(0, count));
            }
            count++;
        }
        return history;
    }

    /** Who is there, for a connection that listens to the channel or may; at most so many members. */
    public CompletionStage<Presence> presence(Subscriber subscriber, String channel, int limit) {
        return attempt(() -> readable(subscriber, channel).thenApply(place -> presence(place, limit)));
    }

    /** The same for the server itself. */
    public Presence presence(String channel, int limit) {
        return presence(namespaces.require(channel), limit);
    }

    private Presence presence(Namespaces.Place place, int limit) {
        if (!place.namespace().settings().presence()) {
            throw new ChannelException(Reason.NOT_AVAILABLE, "It is not known who is in " + place.channel() + ".");
        }
        return hub.find(
                        place.channel(),
                        topic -> topic.presence(Math.max(0, limit)).orElse(Presence.NOBODY))
                .orElse(Presence.NOBODY);
    }

    private CompletableFuture<Namespaces.Place> readable(Subscriber subscriber, String channel) {
        Namespaces.Place place = namespaces.require(channel);
        Link link = hub.require(subscriber);
        return live(link, place).isPresent()
                ? CompletableFuture.completedFuture(place)
                : permissions
                        .subscribing(place, subscriber.caller(), false, false)
                        .thenApply(ok -> place);
    }

    /** The channels with subscribers on this node and how many those are, by name; at most so many channels. */
    public Map<String, Integer> channels(int limit) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Topic topic : hub.topics()) {
            int subscribers = hub.find(topic.channel(), Topic::subscribers).orElse(0);
            if (subscribers > 0 && counts.size() < limit) {
                counts.put(topic.channel(), subscribers);
            }
        }
        return counts;
    }

    /** The connections that are there. */
    public int connections() {
        return hub.connections();
    }

    // -- Typing

    /**
     * Tells that somebody types, or does so no more. Who types says so again before the time to live of the namespace is
     * over.
     *
     * @return completes when it is told; fails with {@link ChannelException}
     */
    public CompletionStage<Void> typing(Subscriber subscriber, String channel, boolean typing) {
        return attempt(() -> {
            Namespaces.Place place = namespaces.require(channel);
            Subscription subscription = requireSubscription(subscriber, channel);
            if (place.namespace().settings().typingTtl().isZero()) {
                throw new ChannelException(Reason.NOT_AVAILABLE, "Typing is not told in " + channel + ".");
            }
            return permissions
                    .publishing(place, subscriber.caller(), true)
                    .thenAccept(ok -> hub.ifThere(channel, topic -> {
                        if (subscription.isLive()) {
                            topic.type(subscription.member(), typing);
                        }
                    }));
        });
    }

    // -- Time

    /** Tells what has gathered and ends what is over; to be called several times a second. */
    public void sweep() {
        hub.sweep();
        announceIfDue();
    }

    private void announceIfDue() {
        Instant now = ticks.instant();
        if (announced.equals(Instant.MIN)
                || !announced.plus(Relay.ANNOUNCED_EVERY).isAfter(now)) {
            announced = now;
            blocking.execute(hub::announce);
        }
    }

    @Override
    public void close() {
        relays.forEach(relay -> relay.call(Signals.BYE));
        blocking.close();
    }

    // -- Help

    private Optional<Link> find(Subscriber subscriber) {
        try {
            return Optional.of(hub.require(subscriber));
        } catch (ChannelException e) {
            return Optional.empty();
        }
    }

    private Subscription requireSubscription(Subscriber subscriber, String channel) {
        return hub.require(subscriber)
                .find(channel)
                .orElseThrow(() -> new ChannelException(Reason.NOT_AVAILABLE, "Not subscribed to " + channel + "."));
    }

    private Optional<Subscription> live(Link link, Namespaces.Place place) {
        return link.find(place.channel())
                .filter(one -> hub.find(place.channel(), topic -> one.isLive()).orElse(false));
    }

    private Member memberOf(Subscriber subscriber, Optional<Subscription> subscription) {
        String info = subscription.map(one -> one.member().info()).orElse("");
        return new Member(subscriber.connection(), subscriber.user(), subscriber.name(), info);
    }

    /** Nothing fails but through what comes back, and that with a {@link ChannelException}. */
    private static <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> work) {
        try {
            return Outcome.of(work.get());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(Outcome.of(e));
        }
    }
}
