package dev.sluice.channel;

import dev.sluice.broker.History;
import dev.sluice.broker.Publication;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Event.Cause;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who listens here: the topics and connections of this node. It delivers only what the feeds of the brokers hand in.
 * Thread-safe. Locks are taken in the order topic, link; nothing is sent to a broker and nothing is read under either.
 */
final class Hub {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);
    /** A reading that takes longer has failed. */
    private static final long READING_SECONDS = 15;
    /** What was read serves those who come so much later. */
    static final Duration READING_HELD = Duration.ofSeconds(1);
    /** Bytes of the readings that all topics hold; where there is no room, each who comes is read for. */
    private static final long HELD_MOST = 32L * 1024 * 1024;

    private final int channelsMost;
    private final Executor executor;
    private final InstantSource clock;
    private final InstantSource ticks;
    private final ChannelMetrics metrics;

    private final Map<String, Topic> topics = new ConcurrentHashMap<>();
    private final AtomicInteger topicCount = new AtomicInteger();
    private final Map<String, Link> links = new ConcurrentHashMap<>();
    private final Set<Topic> withDiff = ConcurrentHashMap.newKeySet();
    private final Set<Topic> withTypers = ConcurrentHashMap.newKeySet();
    private final Map<Topic, Instant> withReading = new ConcurrentHashMap<>();
    private final Allowance held = new Allowance(HELD_MOST);
    private final Set<Subscription> expiring = ConcurrentHashMap.newKeySet();

    /**
     * @param channelsMost topics at most
     * @param executor for what must not be done by the thread that comes along
     * @param clock for time stamps
     * @param ticks for durations
     */
    Hub(int channelsMost, Executor executor, InstantSource clock, InstantSource ticks, ChannelMetrics metrics) {
        this.channelsMost = channelsMost;
        this.executor = executor;
        this.clock = clock;
        this.ticks = ticks;
        this.metrics = metrics;
    }

    Instant now() {
        return ticks.instant();
    }

    Instant time() {
        return clock.instant();
    }

    ChannelMetrics metrics() {
        return metrics;
    }

    /** The bytes of the readings that topics hold. */
    Allowance held() {
        return held;
    }

    // -- Connections

    void connect(Subscriber subscriber) {
        if (links.putIfAbsent(subscriber.connection(), new Link(subscriber)) != null) {
            throw new IllegalStateException("connected already: " + subscriber.connection());
        }
    }

    /** @throws ChannelException when it has gone */
    Link require(Subscriber subscriber) {
        Link link = links.get(subscriber.connection());
        if (link == null || link.subscriber() != subscriber) {
            throw Link.gone();
        }
        return link;
    }

    /** @throws ChannelException when there is none */
    Subscription requireSubscription(Subscriber subscriber, String channel) {
        return require(subscriber)
                .find(channel)
                .orElseThrow(() -> new ChannelException(Reason.NOT_AVAILABLE, "Not subscribed to " + channel + "."));
    }

    /** The subscription of a connection to a channel, if events reach it already. */
    Optional<Subscription> findLive(Link link, String channel) {
        return link.find(channel)
                .filter(one -> find(channel, topic -> one.isLive()).orElse(false));
    }

    /** It hears nothing any more. Within a delivery to it, what is left of it is tidied up by another thread. */
    void disconnect(Subscriber subscriber) {
        Link link = links.get(subscriber.connection());
        if (link == null || link.subscriber() != subscriber || !links.remove(subscriber.connection(), link)) {
            return;
        }
        List<Subscription> left = link.close();
        left.forEach(Subscription::end);
        if (left.stream().anyMatch(Hub::isUnderLock)) {
            executor.execute(() -> left.forEach(this::leave));
        } else {
            left.forEach(this::leave);
        }
    }

    private static boolean isUnderLock(Subscription subscription) {
        Topic topic = subscription.topic();
        return topic != null && Thread.holdsLock(topic);
    }

    // -- Subscriptions

    void enter(Namespaces.Place place, Waiter waiter) {
        try {
            inTopic(place, topic -> topic.enter(waiter));
        } catch (ChannelException e) {
            waiter.refuse(e);
            return;
        }
        waiter.subscription().expires().ifPresent(end -> watch(waiter.subscription()));
    }

    void enterAgain(Namespaces.Place place, Waiter waiter) {
        if (!waiter.subscription().waitToo(waiter) && !ifThere(place.channel(), topic -> topic.enterAgain(waiter))) {
            waiter.fail(waiter.subscription().ended());
        }
    }

    /** Ends the subscription that expires, unless it is over already. */
    void watch(Subscription subscription) {
        expiring.add(subscription);
        if (subscription.isOver()) {
            expiring.remove(subscription);
        }
    }

    /** Takes a subscription out, whether or not it has come to its topic yet. */
    void leave(Subscription subscription) {
        end(subscription, Optional.empty());
    }

    void end(Subscription subscription, Optional<Cause> cause) {
        subscription.end();
        expiring.remove(subscription);
        Topic topic = subscription.topic();
        if (topic == null) {
            subscription.link().release(subscription);
            return;
        }
        inTopic(topic, entered -> {
            if (entered.leave(subscription)) {
                cause.ifPresent(
                        why -> subscription.deliver(new Event(subscription.channel(), new Event.Unsubscribed(why))));
            }
        });
    }

    // -- Topics

    /**
     * Works with a topic under its lock; makes it if need be.
     *
     * @throws ChannelException when there may be no more
     */
    void inTopic(Namespaces.Place place, Consumer<Topic> work) {
        boolean done = false;
        while (!done) {
            Topic known = topics.get(place.channel());
            done = inTopic(known == null ? begin(place) : known, work);
        }
    }

    /** The same, if there is such a topic. */
    boolean ifThere(String channel, Consumer<Topic> work) {
        Topic topic = topics.get(channel);
        return topic != null && inTopic(topic, work);
    }

    /** Hands a publication to those who listen. Where that fails they are told that they have missed something. */
    void publication(Publication publication) {
        try {
            ifThere(publication.channel(), topic -> topic.publication(publication));
        } catch (RuntimeException | Error e) {
            LOG.error("A publication of {} could not be delivered", publication.channel(), e);
            ifThere(publication.channel(), Topic::lost);
        }
    }

    /** The broker may have missed publications of any of its channels. */
    void lost(Relay relay) {
        topics.values().stream()
                .filter(topic -> topic.namespace().relay().equals(relay))
                .forEach(topic -> inTopic(topic, Topic::lost));
    }

    <T> Optional<T> find(String channel, Function<Topic, T> question) {
        Topic topic = topics.get(channel);
        if (topic == null) {
            return Optional.empty();
        }
        synchronized (topic) {
            return Optional.ofNullable(question.apply(topic));
        }
    }

    private Topic begin(Namespaces.Place place) {
        if (topicCount.incrementAndGet() > channelsMost) {
            topicCount.decrementAndGet();
            throw new ChannelException(Reason.TOO_MANY_CHANNELS, "There are as many channels as there may be.");
        }
        if (!place.namespace().begin()) {
            topicCount.decrementAndGet();
            throw new ChannelException(
                    Reason.TOO_MANY_CHANNELS, "There are as many channels of this namespace as there may be.");
        }
        Topic made = new Topic(place, this);
        Topic other = topics.putIfAbsent(place.channel(), made);
        if (other != null) {
            topicCount.decrementAndGet();
            place.namespace().end();
            return other;
        }
        return made;
    }

    /** False when the topic was dropped meanwhile. What must not be done under the lock is done after it. */
    boolean inTopic(Topic topic, Consumer<Topic> work) {
        List<Waiter> readers = List.of();
        try {
            synchronized (topic) {
                if (topic.isDead()) {
                    return false;
                }
                try {
                    work.accept(topic);
                } finally {
                    readers = topic.startReading();
                    dropIfIdle(topic);
                }
            }
        } finally {
            topic.namespace().relay().flush();
            if (!readers.isEmpty()) {
                read(topic, readers);
            }
        }
        return true;
    }

    private void dropIfIdle(Topic topic) {
        if (topic.isIdle()) {
            topic.die();
            withDiff.remove(topic);
            withTypers.remove(topic);
            withReading.remove(topic);
            topics.remove(topic.channel(), topic);
            topicCount.decrementAndGet();
            topic.namespace().end();
        }
    }

    // -- Reading history

    private void read(Topic topic, List<Waiter> readers) {
        boolean top = readers.stream().noneMatch(Waiter::wantsPublications);
        History.Query query = top ? History.Query.top() : History.Query.newest(Recovery.MOST);
        CompletionStage<History> reading = history(topic, query).orTimeout(READING_SECONDS, TimeUnit.SECONDS);
        reading.whenComplete((history, error) -> inTopicLater(topic, entered -> {
            if (error == null) {
                entered.read(oldestFirst(history));
            } else {
                entered.readingFailed(Outcome.unavailable(error));
            }
        }));
    }

    private static CompletableFuture<History> history(Topic topic, History.Query query) {
        try {
            return topic.namespace()
                    .relay()
                    .broker()
                    .history(topic.channel(), query)
                    .thenApply(history -> history)
                    .toCompletableFuture();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static History oldestFirst(History history) {
        List<Publication> reversed = new java.util.ArrayList<>(history.publications());
        java.util.Collections.reverse(reversed);
        return new History(history.top(), reversed);
    }

    /** As {@link #inTopic}, but the next reading is begun by another thread: this one may come out of the last. */
    private void inTopicLater(Topic topic, Consumer<Topic> work) {
        List<Waiter> readers;
        synchronized (topic) {
            if (topic.isDead()) {
                return;
            }
            work.accept(topic);
            readers = topic.startReading();
            dropIfIdle(topic);
        }
        topic.namespace().relay().flush();
        if (!readers.isEmpty()) {
            executor.execute(() -> read(topic, readers));
        }
    }

    /** Data of a publication were replaced, or publications forgotten: no node may answer from what it has read before. */
    void revise(Namespaces.Place place) {
        revised(place.channel());
        place.namespace().relay().tell(place.channel(), Signals.REVISED, "[]");
        place.namespace().relay().flush();
    }

    /** The same, on another node. */
    void revised(String channel) {
        ifThere(channel, Topic::revised);
    }

    // -- Time

    void holdsReading(Topic topic, Instant until) {
        withReading.put(topic, until);
    }

    void hasDiff(Topic topic) {
        withDiff.add(topic);
    }

    void hasTypers(Topic topic) {
        withTypers.add(topic);
    }

    /** Tells what has gathered and ends what is over. */
    void sweep() {
        Instant now = now();
        withDiff.forEach(topic ->
                inTopic(topic, known -> removeIf(known.attendance().tellDiff(now), withDiff, known)));
        withTypers.forEach(topic ->
                inTopic(topic, known -> removeIf(known.attendance().expireTypers(now), withTypers, known)));
        withReading.forEach((topic, end) -> {
            if (!end.isAfter(now) && withReading.remove(topic, end)) {
                inTopic(topic, Topic::dropReading);
            }
        });
        expiring.removeIf(Subscription::isOver);
        Instant expired = time().minus(Grants.GRACE);
        expiring.stream()
                .filter(one ->
                        one.expires().filter(end -> !end.isAfter(expired)).isPresent())
                .forEach(one -> end(one, Optional.of(Cause.EXPIRED)));
    }

    private static void removeIf(boolean done, Set<Topic> topics, Topic topic) {
        if (done) {
            topics.remove(topic);
        }
    }

    // -- For statistics and the server's own questions

    int channels() {
        return topicCount.get();
    }

    int connections() {
        return links.size();
    }

    Collection<Topic> topics() {
        return java.util.Collections.unmodifiableCollection(topics.values());
    }
}
