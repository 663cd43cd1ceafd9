package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

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
    /** Characters of the data of a page of history, at most; and of what is recovered. */
    public static final int CHARACTERS_MOST = Recovery.MOST_CHARACTERS;

    private static final int BLOCKED_MOST = 1_000;

    private final Namespaces namespaces;
    private final Collection<Relay> relays;
    private final Hub hub;
    private final Broadcasts broadcasts;
    private final Neighbours neighbours;
    private final Blocking blocking = new Blocking(BLOCKED_MOST);
    private final Permissions permissions;
    private final Subscribing subscribing;
    private final Publishing publishing;
    private final Reading reading;
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
                .map(one -> one.settings().name())
                .forEach(name -> budget.register(gauge("channels." + name, name)));
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
        this.ticks = ticks;
        String node = UUID.randomUUID().toString();
        ChannelMetrics counts = new ChannelMetrics(metrics);
        Function<Broker, Relay> relay = broker -> new Relay(broker, node, ticks, counts);
        IdentityHashMap<Broker, Relay> byBroker = new IdentityHashMap<>();
        this.broadcasts = new Broadcasts(byBroker.computeIfAbsent(shared, relay));
        List<Namespace> made = new ArrayList<>();
        for (NamespaceSettings one : settings.namespaces()) {
            Relay way = byBroker.computeIfAbsent(one.durable() ? shared : local, relay);
            made.add(new Namespace(one, way, stamps.getOrDefault(one.name(), Stamp.NONE)));
        }
        this.relays = List.copyOf(byBroker.values());
        this.namespaces = new Namespaces(made);
        this.hub = new Hub(settings.maxChannels(), blocking, clock, ticks, counts);
        this.neighbours = new Neighbours(hub, namespaces, broadcasts, relays, blocking, ticks);
        this.permissions = new Permissions(new Answers(functions, blocking, settings.permissionCache(), ticks));
        this.subscribing = new Subscribing(
                hub, namespaces, permissions, new Grants(tokens, blocking, clock), settings.perConnection());
        this.publishing = new Publishing(hub, namespaces, permissions);
        this.reading = new Reading(hub, namespaces, permissions);
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
        relays.forEach(relay -> relay.broker().start(neighbours.feed(relay)));
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
     * and ends where it may not any more ({@link Event.Unsubscribed}). A function that has no answer now is asked until it
     * has one. Another user loses all.
     */
    public void refreshed(Subscriber subscriber) {
        find(subscriber).ifPresent(link -> link.all().forEach(subscribing::check));
    }

    // -- Subscriptions

    /**
     * Subscribes. The answer comes before the first event of the subscription, and what it says is continued by them
     * without a gap. A subscriber that has gone gets an error, or no answer.
     */
    public void subscribe(Subscriber subscriber, SubscribeRequest request, Reply<Subscribed> reply) {
        try {
            subscribing.subscribe(subscriber, request, reply);
        } catch (ChannelException e) {
            reply.failed(e);
        }
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
        return attempt(() -> subscribing.refresh(subscriber, channel, token));
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
        return attempt(() -> publishing.publish(subscriber, request));
    }

    /** Publishes in the name of the server. */
    public Publisher publisher() {
        return request -> attempt(() -> publishing.publish(request));
    }

    /**
     * Puts other data in the place of a publication's: what was deleted leaves no gap. Those who listen are not told.
     *
     * @return completes with whether the publication is still kept; fails with {@link ChannelException}
     */
    public CompletionStage<Boolean> replace(String channel, long offset, String data) {
        return attempt(() -> publishing.replace(channel, offset, data));
    }

    /** Forgets what is kept of a channel; offsets go on. Fails with {@link ChannelException}. */
    public CompletionStage<Void> forget(String channel) {
        return attempt(() -> publishing.forget(channel));
    }

    // -- Reading

    /** Whether events of the channel reach the connection by now. */
    public boolean listens(Subscriber subscriber, String channel) {
        return find(subscriber).flatMap(link -> hub.findLive(link, channel)).isPresent();
    }

    /**
     * Reads what is kept, for a connection that listens to the channel or may. Fails with {@link ChannelException}.
     *
     * @param listened whether it did {@link #listens listen} when it asked
     */
    public CompletionStage<History> history(Subscriber subscriber, HistoryRequest request, boolean listened) {
        return attempt(() -> reading.history(subscriber, request, listened));
    }

    /** The same for one that asks now. */
    public CompletionStage<History> history(Subscriber subscriber, HistoryRequest request) {
        return history(subscriber, request, false);
    }

    /** The same for the server itself. */
    public CompletionStage<History> history(HistoryRequest request) {
        return attempt(() -> reading.history(request));
    }

    /**
     * Who is there, for a connection that listens to the channel or may; at most so many members.
     *
     * @param listened whether it did {@link #listens listen} when it asked
     */
    public CompletionStage<Presence> presence(Subscriber subscriber, String channel, int limit, boolean listened) {
        return attempt(() -> reading.presence(subscriber, channel, limit, listened));
    }

    /** The same for one that asks now. */
    public CompletionStage<Presence> presence(Subscriber subscriber, String channel, int limit) {
        return presence(subscriber, channel, limit, false);
    }

    /** The same for the server itself. */
    public Presence presence(String channel, int limit) {
        return reading.presence(channel, limit);
    }

    /** The channels with subscribers on this node and how many those are, by name; at most so many channels. */
    public Map<String, Integer> channels(int limit) {
        return channels(name -> true, limit);
    }

    /**
     * The same of channels with certain names.
     *
     * @param wanted which names
     * @param limit channels at most; of more of them any
     */
    public Map<String, Integer> channels(Predicate<String> wanted, int limit) {
        Map<String, Integer> counts = new TreeMap<>();
        for (Topic topic : hub.topics()) {
            if (counts.size() >= limit) {
                break;
            }
            if (wanted.test(topic.channel())) {
                hub.find(topic.channel(), Topic::subscribers)
                        .filter(subscribers -> subscribers > 0)
                        .ifPresent(subscribers -> counts.put(topic.channel(), subscribers));
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
            Subscription subscription = hub.requireSubscription(subscriber, channel);
            if (place.namespace().settings().typingTtl().isZero()) {
                throw new ChannelException(Reason.NOT_AVAILABLE, "Typing is not told in " + channel + ".");
            }
            return permissions
                    .publishing(place, subscriber.caller(), true)
                    .thenAccept(ok -> hub.ifThere(channel, topic -> {
                        if (subscription.isLive()) {
                            type(topic, subscription.member(), typing);
                        }
                    }));
        });
    }

    private static void type(Topic topic, Member member, boolean typing) {
        if (typing) {
            topic.namespace().stamp().onTyping(member, topic.channel());
        }
        topic.attendance().type(member, typing);
    }

    /** Whether publications of a channel are kept; of one that cannot be, there are none. */
    public boolean keeps(String channel) {
        return namespaces
                .find(channel)
                .filter(place -> place.namespace().keeps())
                .isPresent();
    }

    /** @throws ChannelException when nothing could be called so, or no namespace opens such a channel */
    public void requireOpen(String channel) {
        namespaces.require(channel);
    }

    /** How many channels of a namespace there are on this node, and may be. */
    public Budget.Gauge gauge(String name, String namespace) {
        Namespace counted = namespaces.require(namespace).namespace();
        return new Budget.Gauge(name, counted::count, counted.settings().channels());
    }

    // -- Other nodes

    /**
     * Tells all other nodes something that belongs to no channel, in the order of these calls.
     *
     * @param json one value, at most {@link #DATA_MOST} bytes
     * @return completes when it is sure to arrive; fails with {@link ChannelException}
     */
    public CompletionStage<Void> tellNodes(String kind, String json) {
        return attempt(() -> broadcasts.tell(kind, json).thenAccept(position -> {}));
    }

    /** Whether no other node has been heard of lately: then what need not be sure to arrive need not be told. */
    public boolean isAlone() {
        return broadcasts.isAlone();
    }

    /** What other nodes {@link #tellNodes tell} of a kind goes there; to be said before the start. It must not block. */
    public void onTold(String kind, Consumer<String> ear) {
        broadcasts.listen(kind, ear);
    }

    // -- Time

    /** Tells what has gathered and ends what is over; to be called several times a second. */
    public void sweep() {
        blocking.retry();
        hub.sweep();
        subscribing.sweep();
        neighbours.sweep();
        announceIfDue();
    }

    private void announceIfDue() {
        Instant now = ticks.instant();
        if (announced.equals(Instant.MIN)
                || !announced.plus(Relay.ANNOUNCED_EVERY).isAfter(now)) {
            announced = now;
            blocking.execute(neighbours::announce);
        }
    }

    @Override
    public void close() {
        neighbours.leave();
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

    /** Nothing fails but through what comes back, and that with a {@link ChannelException}. */
    private static <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> work) {
        try {
            return Outcome.of(work.get());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(Outcome.of(e));
        }
    }
}
