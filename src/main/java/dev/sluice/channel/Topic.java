package dev.sluice.channel;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Event.Count;
import dev.sluice.channel.Event.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A channel that somebody of this node listens to, or somebody anywhere is in. Every method is called under its lock by
 * the {@link Hub}, which makes it when it is needed and drops it once it is idle.
 *
 * <p>Publications come from the feed alone, one by one. A subscription that has to know where it begins waits in the topic
 * while the history is read, and the topic remembers meanwhile what the feed hands in; under the lock both are merged, the
 * answer is given, and from then on the subscription is live. So nothing is lost, doubled or reordered, and whoever begins
 * to wait shares the next reading with all others who do.
 */
final class Topic {
    /** Beyond so many members who comes and goes is told by the lot. */
    static final int LARGE = 100;

    private final Namespaces.Place place;
    private final Namespace namespace;
    private final Hub hub;
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();
    private final @Nullable Members members;
    private final @Nullable PresenceDiff diff;
    private final Typers typers = new Typers();

    private List<Waiter> waiting = new ArrayList<>(0);
    private List<Waiter> reading = List.of();
    private final Deque<Publication> buffer = new ArrayDeque<>(0);
    private long bufferedCharacters;

    /** What the feed handed in last, or a reading told before it did. */
    private @Nullable Position live;

    private boolean dead;

    Topic(Namespaces.Place place, Hub hub) {
        this.place = place;
        this.namespace = place.namespace();
        this.hub = hub;
        boolean hasPresence = namespace.settings().presence();
        this.members = hasPresence ? new Members() : null;
        this.diff = hasPresence && namespace.settings().joinLeave() ? new PresenceDiff() : null;
    }

    String channel() {
        return place.channel();
    }

    Namespace namespace() {
        return namespace;
    }

    boolean isDead() {
        return dead;
    }

    void die() {
        dead = true;
    }

    boolean isIdle() {
        return subscriptions.isEmpty() && (members == null || members.isEmpty());
    }

    int subscribers() {
        return subscriptions.size();
    }

    // -- Subscribing

    /** Takes a subscription in: at once, where it is known where it begins, else after a reading. */
    void enter(Waiter waiter) {
        Subscription subscription = waiter.subscription();
        subscription.setTopic(this);
        if (subscription.isOver()) {
            waiter.refuse(Link.gone());
        } else if (isFull(waiter)) {
            waiter.refuse(full());
        } else {
            subscriptions.add(subscription);
            beginOrWait(waiter);
        }
    }

    /** Answers a wish for what is subscribed already. */
    void enterAgain(Waiter waiter) {
        if (!waiter.subscription().isLive()) {
            waiter.reply().failed(Link.gone());
        } else if (waiter.request().recent() > 0 && namespace.keeps()) {
            waiting.add(waiter);
        } else {
            answer(waiter, Recovery.at(standing(waiter.subscription())));
        }
    }

    private void beginOrWait(Waiter waiter) {
        Optional<Position> since = waiter.request().since();
        if (!namespace.keeps()) {
            begin(waiter, Recovery.at(Position.NONE));
        } else if (live != null && !waiter.wantsPublications()) {
            begin(waiter, Recovery.at(live));
        } else if (live != null && since.filter(live::equals).isPresent()) {
            begin(waiter, Recovery.nothingMissed(live));
        } else {
            waiting.add(waiter);
        }
    }

    /** Those who share the next reading, if it may begin now: one at a time. */
    List<Waiter> startReading() {
        if (!reading.isEmpty() || waiting.isEmpty()) {
            return List.of();
        }
        reading = waiting;
        waiting = new ArrayList<>(0);
        return reading;
    }

    /** A reading has come to its end. */
    void read(History history) {
        Position top = history.top();
        if (live != null && !live.epoch().equals(top.epoch())) {
            lose();
            live = top;
        } else if (live == null) {
            live = top;
        }
        List<Waiter> readers = endReading();
        readers.forEach(waiter -> settle(waiter, history));
        stopBuffering();
    }

    void readingFailed(ChannelException error) {
        for (Waiter waiter : endReading()) {
            if (waiter.again()) {
                waiter.reply().failed(error);
            } else if (subscriptions.remove(waiter.subscription())) {
                waiter.refuse(error);
            }
        }
        stopBuffering();
    }

    private List<Waiter> endReading() {
        List<Waiter> readers = reading;
        reading = List.of();
        return readers;
    }

    private void settle(Waiter waiter, History history) {
        if (waiter.again()) {
            settleAgain(waiter, history);
        } else if (subscriptions.contains(waiter.subscription())) {
            begin(
                    waiter,
                    Recovery.merge(
                            history,
                            buffer,
                            live,
                            waiter.request().since(),
                            waiter.request().recent()));
        }
    }

    /** What the subscription has not been handed yet is not in the answer either. */
    private void settleAgain(Waiter waiter, History history) {
        Subscription subscription = waiter.subscription();
        if (!subscription.isLive()) {
            waiter.reply().failed(Link.gone());
            return;
        }
        Position standing = standing(subscription);
        Position top = new Position(
                standing.epoch(), Math.min(standing.offset(), history.top().offset()));
        answer(
                waiter,
                Recovery.merge(
                        new History(top, upTo(standing, history.publications())),
                        upTo(standing, buffer),
                        standing,
                        Optional.empty(),
                        waiter.request().recent()));
    }

    private static List<Publication> upTo(Position standing, Collection<Publication> publications) {
        return publications.stream()
                .filter(one -> one.position().offset() <= standing.offset())
                .toList();
    }

    private Position standing(Subscription subscription) {
        return live == null ? Position.NONE : new Position(live.epoch(), subscription.last());
    }

    private void begin(Waiter waiter, Recovery recovery) {
        Member self = self(waiter);
        if (members != null && isFull(waiter)) {
            subscriptions.remove(waiter.subscription());
            waiter.refuse(full());
            return;
        }
        waiter.subscription().begin(self, recovery.position().offset());
        Members.Change change = members == null ? null : members.join(self, "", hub.now());
        if (change != null) {
            namespace
                    .relay()
                    .tell(
                            channel(),
                            Signals.JOIN,
                            Signals.members(List.of(self)).get(0));
        }
        hub.metrics().subscribed(waiter.request().since().isPresent(), recovery.recovered());
        List<Waiter> late = waiter.subscription().settle();
        answer(waiter, recovery);
        late.forEach(this::enterAgain);
        tellJoined(change);
    }

    private void answer(Waiter waiter, Recovery recovery) {
        Subscription subscription = waiter.subscription();
        Presence presence = members == null
                ? Presence.NOBODY
                : members.presence(waiter.request().members());
        waiter.reply()
                .ok(new Subscribed(
                        channel(),
                        subscription.member(),
                        recovery.position(),
                        namespace.keeps(),
                        waiter.request().since().isPresent(),
                        recovery.recovered(),
                        recovery.publications(),
                        presence,
                        subscription.expires().map(end -> Duration.between(hub.time(), end)),
                        waiter.again()));
    }

    private static Member self(Waiter waiter) {
        Subscriber subscriber = waiter.subscription().link().subscriber();
        return new Member(
                subscriber.connection(),
                subscriber.user(),
                subscriber.name(),
                waiter.grant().info());
    }

    /** Without presence who waits is counted as well; with it, users are, once they are in. */
    private boolean isFull(Waiter waiter) {
        int most = namespace.settings().members();
        return members == null
                ? subscriptions.size() >= most
                : members.count().users() >= most
                        && !members.hasUser(self(waiter).userKey());
    }

    private static ChannelException full() {
        return new ChannelException(Reason.FULL, "The channel has as many members as it may.");
    }

    // -- Leaving

    /**
     * Takes a subscription out.
     *
     * @return whether it was in
     */
    boolean leave(Subscription subscription) {
        subscription.link().release(subscription);
        if (!subscriptions.remove(subscription)) {
            return false;
        }
        boolean wasLive = subscription.isLive();
        subscription.stop();
        if (wasLive) {
            tellLeft(depart(subscription));
        } else {
            failWaiting(subscription, Link.gone());
        }
        stopBuffering();
        return true;
    }

    /** Who is not live yet waits in one of two lists; the reading goes on for the others. */
    private void failWaiting(Subscription subscription, ChannelException error) {
        for (List<Waiter> list : List.of(waiting, reading)) {
            for (Waiter waiter : list) {
                if (waiter.subscription() == subscription && !waiter.again()) {
                    waiter.refuse(error);
                }
            }
        }
        waiting.removeIf(waiter -> waiter.subscription() == subscription && !waiter.again());
    }

    private Members.@Nullable Change depart(Subscription subscription) {
        Member self = subscription.member();
        stopTyping(typers.stop(self), true);
        Members.Change change = members == null ? null : members.leave(self.connection(), "");
        if (change != null) {
            namespace
                    .relay()
                    .tell(
                            channel(),
                            Signals.LEAVE,
                            Signals.members(List.of(self)).get(0));
        }
        return change;
    }

    /** Ends all subscriptions: publications were missed, nobody knows which. */
    private void lose() {
        List<Subscription> all = new ArrayList<>(subscriptions);
        subscriptions.clear();
        Event lost = new Event(channel(), new Event.Lost());
        hub.metrics().lost(all.size());
        for (Subscription subscription : all) {
            subscription.link().release(subscription);
            if (subscription.isLive()) {
                subscription.stop();
                depart(subscription);
                subscription.deliver(lost);
            } else {
                failWaiting(
                        subscription,
                        new ChannelException(Reason.UNAVAILABLE, "The stream has changed meanwhile; try again."));
            }
        }
    }

    // -- Publications

    /** What the feed hands in. */
    void publication(Publication publication) {
        Position position = publication.position();
        if (position.offset() > 0 && !continues(position)) {
            return;
        }
        keepForWaiting(publication);
        Event event = new Event(channel(), new Event.Message(publication));
        int delivered = 0;
        for (Subscription subscription : subscriptions) {
            if (subscription.isLive()) {
                subscription.deliver(event, position.offset());
                delivered++;
            }
        }
        hub.metrics().delivered(delivered);
    }

    /** Whether it is new; what was missed before it ends the subscriptions. */
    private boolean continues(Position position) {
        Position before = live;
        if (before != null && before.epoch().equals(position.epoch()) && position.offset() <= before.offset()) {
            return false;
        }
        if (before != null && !position.equals(new Position(before.epoch(), before.offset() + 1))) {
            lose();
        }
        live = position;
        return true;
    }

    private void keepForWaiting(Publication publication) {
        if (reading.isEmpty() && waiting.isEmpty()) {
            return;
        }
        buffer.add(publication);
        bufferedCharacters += publication.data().length();
        while (buffer.size() > Recovery.MOST || bufferedCharacters > Recovery.MOST_CHARACTERS) {
            bufferedCharacters -= buffer.remove().data().length();
        }
    }

    private void stopBuffering() {
        if (reading.isEmpty() && waiting.isEmpty()) {
            buffer.clear();
            bufferedCharacters = 0;
        }
    }

    // -- Presence

    Optional<Presence> presence(int limit) {
        return Optional.ofNullable(members).map(known -> known.presence(limit));
    }

    /** What another node says of one of its own. */
    void joinedElsewhere(Member member, String node) {
        if (members != null) {
            tellJoined(members.join(member, node, hub.now()));
        }
    }

    void leftElsewhere(Member member, String node) {
        if (members == null) {
            return;
        }
        Members.Change change = members.leave(member.connection(), node);
        if (change != null) {
            stopTyping(typers.stop(member), false);
        }
        tellLeft(change);
    }

    void forgetNode(String node) {
        if (members != null) {
            members.of(node).forEach(member -> leftElsewhere(member, node));
        }
    }

    void forgetSilent(Instant since) {
        if (members != null) {
            members.silentSince(since).forEach(member -> leftElsewhere(member, members.node(member.connection())));
        }
    }

    /** Tells the other nodes who is here. */
    void announce() {
        if (members == null) {
            return;
        }
        List<Member> here = members.here();
        if (!here.isEmpty()) {
            Signals.members(here).forEach(text -> namespace.relay().tell(channel(), Signals.HERE, text));
        }
    }

    private void tellJoined(Members.@Nullable Change change) {
        if (change == null || diff == null || members == null) {
            return;
        }
        Count count = members.count();
        if (isLarge(count)) {
            diff.joined(change);
            hub.hasDiff(this);
        } else {
            tell(new Event.Joined(change.member(), change.user(), count));
        }
    }

    private void tellLeft(Members.@Nullable Change change) {
        if (change == null || diff == null || members == null) {
            return;
        }
        Count count = members.count();
        if (isLarge(count)) {
            diff.left(change);
            hub.hasDiff(this);
        } else {
            tell(new Event.Left(change.member(), change.user(), count));
        }
    }

    /** A diff that has begun is told before single changes go on. */
    private boolean isLarge(Count count) {
        return count.users() > LARGE || count.connections() > 2 * LARGE || (diff != null && diff.isBegun());
    }

    /**
     * Tells what has changed, if it is time.
     *
     * @return whether nothing is left to be told
     */
    boolean tellDiff(Instant now) {
        if (diff != null && members != null && diff.isDue(now)) {
            tell(diff.take(members, now));
        }
        return diff == null || !diff.isBegun();
    }

    // -- Typing

    void type(Member member, boolean typing) {
        if (!typing) {
            stopTyping(typers.stop(member.userKey()), true);
            return;
        }
        Typers.Change change =
                typers.type(member, hub.now(), namespace.settings().typingTtl());
        hub.hasTypers(this);
        if (change == Typers.Change.BEGAN) {
            tell(new Event.Typing(member, true));
        }
        if (change != Typers.Change.NOTHING) {
            namespace.relay().tell(channel(), Signals.TYPING, Signals.typing(member, true));
        }
    }

    /** What another node says. */
    void typesElsewhere(Event.Typing typing) {
        Member member = typing.member();
        if (!typing.typing()) {
            stopTyping(typers.stop(member.userKey()), false);
        } else if (members == null || members.hasConnection(member.connection())) {
            Typers.Change change =
                    typers.type(member, hub.now(), namespace.settings().typingTtl());
            hub.hasTypers(this);
            if (change == Typers.Change.BEGAN) {
                tell(typing);
            }
        }
    }

    /** Who has published does not type any more. */
    void published(Member member) {
        stopTyping(typers.stop(member.userKey()), true);
    }

    private void stopTyping(@Nullable Member member, boolean tellOthers) {
        if (member == null) {
            return;
        }
        tell(new Event.Typing(member, false));
        if (tellOthers) {
            namespace.relay().tell(channel(), Signals.TYPING, Signals.typing(member, false));
        }
    }

    /**
     * Forgets those whose time is over.
     *
     * @return whether nobody types
     */
    boolean expireTypers(Instant now) {
        typers.expire(now).forEach(member -> tell(new Event.Typing(member, false)));
        return typers.isEmpty();
    }

    private void tell(Kind kind) {
        if (subscriptions.isEmpty()) {
            return;
        }
        Event event = new Event(channel(), kind);
        for (Subscription subscription : subscriptions) {
            if (subscription.isLive()) {
                subscription.deliver(event);
            }
        }
    }
}
