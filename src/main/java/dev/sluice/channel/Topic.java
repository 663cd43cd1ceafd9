package dev.sluice.channel;

import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Event.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A channel that somebody of this node listens to, or somebody anywhere is in. Every method is called under its lock by
 * the {@link Hub}, which makes it when it is needed and drops it once it is idle.
 *
 * <p>Publications come from the feed alone, one by one. A subscription that has to know where it begins waits in the
 * {@link Backlog} while the history is read, which remembers meanwhile what the feed hands in; under the lock both are
 * merged, the answer is given, and from then on the subscription is live. So nothing is lost, doubled or reordered.
 */
final class Topic {
    private final Namespaces.Place place;
    private final Namespace namespace;
    private final Hub hub;
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();
    private final Backlog backlog;
    private final Attendance attendance;

    /** What the feed handed in last, or a reading told before it did. */
    private @Nullable Position live;

    private boolean dead;

    Topic(Namespaces.Place place, Hub hub) {
        this.place = place;
        this.namespace = place.namespace();
        this.hub = hub;
        this.backlog = new Backlog(hub.held());
        this.attendance = new Attendance(this, hub);
    }

    String channel() {
        return place.channel();
    }

    Namespace namespace() {
        return namespace;
    }

    Attendance attendance() {
        return attendance;
    }

    boolean isDead() {
        return dead;
    }

    void die() {
        dead = true;
        backlog.drop();
        // Who waited to be let in was refused when that ended.
        backlog.takeAll().stream()
                .filter(Waiter::again)
                .forEach(waiter -> waiter.fail(waiter.subscription().ended()));
    }

    boolean isIdle() {
        return subscriptions.isEmpty() && attendance.isEmpty();
    }

    int subscribers() {
        return subscriptions.size();
    }

    /** Takes a subscription in: at once, where it is known where it begins, else after a reading. */
    void enter(Waiter waiter) {
        Subscription subscription = waiter.subscription();
        subscription.setTopic(this);
        if (subscription.isOver()) {
            waiter.refuse(subscription.ended());
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
            waiter.fail(waiter.subscription().ended());
        } else if (waiter.wantsPublications() && namespace.keeps()) {
            backlog.add(waiter);
        } else {
            answer(waiter, Recovery.at(standing(waiter.subscription())));
        }
    }

    private void beginOrWait(Waiter waiter) {
        known(waiter.request()).ifPresentOrElse(recovery -> begin(waiter, recovery), () -> backlog.add(waiter));
    }

    /** Where a subscription begins, if that takes no reading. */
    private Optional<Recovery> known(SubscribeRequest request) {
        if (!namespace.keeps()) {
            return Optional.of(Recovery.at(Position.NONE));
        } else if (live == null) {
            return Optional.empty();
        } else if (!request.wantsPublications()) {
            return Optional.of(Recovery.at(live));
        } else if (request.since().filter(live::equals).isPresent()) {
            return Optional.of(Recovery.nothingMissed(live));
        }
        int recent = Math.min(request.recent(), namespace.settings().historySize());
        return backlog.held(hub.now())
                .map(history -> Recovery.merge(history, backlog.kept(), live, request.since(), recent))
                // Whoever knows of more than the feed has handed in, or needs what is older, is read for.
                .filter(recovery -> recovery.recovered() || request.since().isEmpty());
    }

    /** Those who share the next reading, if it may begin now. */
    List<Waiter> startReading() {
        return backlog.startReading();
    }

    /** A reading has come to its end. */
    void read(History history) {
        if (backlog.isReadingWorthless()) {
            backlog.repeatReading();
            return;
        }
        Position top = history.top();
        if (live != null && !live.epoch().equals(top.epoch())) {
            if (!isEmpty(live) || !isEmpty(top)) {
                lose();
            }
            live = top;
        } else if (live == null) {
            live = top;
        }
        List<Waiter> readers = backlog.endReading();
        if (readers.stream().anyMatch(Waiter::wantsPublications)) {
            Instant until = hub.now().plus(Hub.READING_HELD);
            backlog.hold(history, until);
            hub.holdsReading(this, until);
        }
        readers.forEach(waiter -> settle(waiter, history));
        backlog.takeWaiting().forEach(this::settleEarly);
        backlog.tidy();
    }

    /** Who came during a reading may have come early enough. */
    private void settleEarly(Waiter waiter) {
        if (waiter.again()) {
            backlog.add(waiter);
        } else if (subscriptions.contains(waiter.subscription())) {
            beginOrWait(waiter);
        }
    }

    /** Holds the last reading no longer. */
    void dropReading() {
        backlog.drop();
        backlog.tidy();
    }

    /** Data of a publication were replaced, or publications forgotten. */
    void revised() {
        backlog.revise();
        backlog.tidy();
    }

    void readingFailed(ChannelException error) {
        for (Waiter waiter : backlog.endReading()) {
            if (waiter.again()) {
                waiter.fail(error);
            } else if (subscriptions.remove(waiter.subscription())) {
                waiter.refuse(error);
            }
        }
        backlog.tidy();
    }

    private void settle(Waiter waiter, History history) {
        if (waiter.again()) {
            settleAgain(waiter, history);
        } else if (subscriptions.contains(waiter.subscription())) {
            SubscribeRequest request = waiter.request();
            begin(waiter, Recovery.merge(history, backlog.kept(), live, request.since(), request.recent()));
        }
    }

    /** What the subscription has not been handed yet is not in the answer either. */
    private void settleAgain(Waiter waiter, History history) {
        if (!waiter.subscription().isLive()) {
            waiter.fail(waiter.subscription().ended());
            return;
        }
        Position standing = standing(waiter.subscription());
        Position top = new Position(
                standing.epoch(), Math.min(standing.offset(), history.top().offset()));
        History read = new History(top, upTo(standing, history.publications()));
        List<Publication> buffered = upTo(standing, backlog.kept());
        SubscribeRequest request = waiter.request();
        answer(waiter, Recovery.merge(read, buffered, standing, request.since(), request.recent()));
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
        Subscription subscription = waiter.subscription();
        Member self = self(waiter);
        if (attendance.isFullFor(self)) {
            subscriptions.remove(subscription);
            waiter.refuse(full());
            return;
        }
        subscription.begin(self, recovery.position().offset());
        Members.Change change = attendance.join(self);
        hub.metrics().subscribed(waiter.request().since().isPresent(), recovery.recovered());
        List<Waiter> late = subscription.settle();
        answer(waiter, recovery);
        late.forEach(this::enterAgain);
        attendance.tellJoined(change);
    }

    private void answer(Waiter waiter, Recovery recovery) {
        Subscription subscription = waiter.subscription();
        waiter.answer(new Subscribed(
                channel(),
                subscription.member(),
                recovery.position(),
                namespace.keeps(),
                waiter.request().since().isPresent(),
                recovery.recovered(),
                recovery.publications(),
                attendance.presence(waiter.request().members()),
                subscription.expires().map(end -> Duration.between(hub.time(), end)),
                waiter.again()));
    }

    private static Member self(Waiter waiter) {
        Subscriber subscriber = waiter.subscription().link().subscriber();
        return new Member(
                subscriber.connection(),
                subscriber.user(),
                subscriber.name(),
                subscriber.info(),
                waiter.grant().info());
    }

    /** Without presence who waits is counted as well; with it, users are, once they are in. */
    private boolean isFull(Waiter waiter) {
        return attendance.isKnown()
                ? attendance.isFullFor(self(waiter))
                : subscriptions.size() >= namespace.settings().members();
    }

    private static ChannelException full() {
        return new ChannelException(Reason.FULL, "The channel has as many members as it may.");
    }

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
        if (subscription.isLive()) {
            subscription.stop();
            attendance.tellLeft(attendance.leave(subscription.member()));
        } else {
            backlog.refuse(subscription, subscription.ended());
        }
        backlog.tidy();
        return true;
    }

    /** Ends all subscriptions: publications were missed, nobody knows which. */
    private void lose() {
        backlog.lose();
        List<Subscription> all = new ArrayList<>(subscriptions);
        subscriptions.clear();
        hub.metrics().lost(all.size());
        Event lost = new Event(channel(), new Event.Lost());
        all.forEach(subscription -> lose(subscription, lost));
    }

    /** The feed may have missed publications that no gap will tell of. */
    void lost() {
        lose();
        live = null;
    }

    private void lose(Subscription subscription, Event lost) {
        subscription.link().release(subscription);
        if (subscription.isLive()) {
            subscription.stop();
            attendance.leave(subscription.member());
            subscription.deliver(lost);
        } else {
            backlog.refuse(
                    subscription,
                    new ChannelException(Reason.UNAVAILABLE, "The stream has changed meanwhile; try again."));
        }
    }

    /** What the feed hands in. */
    void publication(Publication publication) {
        Position position = publication.position();
        if (position.offset() > 0 && !continues(position)) {
            return;
        }
        backlog.keep(publication);
        Event event = new Event(channel(), new Event.Message(publication));
        int delivered = 0;
        List<Subscription> failed = List.of();
        for (Subscription subscription : subscriptions) {
            if (subscription.wants(position.offset())) {
                if (subscription.deliver(event, position.offset())) {
                    delivered++;
                } else {
                    failed = and(failed, subscription);
                }
            }
        }
        hub.metrics().delivered(delivered);
        failed.forEach(this::loseOne);
    }

    private static List<Subscription> and(List<Subscription> some, Subscription one) {
        List<Subscription> more = new ArrayList<>(some);
        more.add(one);
        return more;
    }

    /** Ends a subscription that a publication could not be handed to: what is missing there is said. */
    private void loseOne(Subscription subscription) {
        if (subscriptions.remove(subscription)) {
            hub.metrics().lost(1);
            subscription.link().release(subscription);
            subscription.stop();
            subscription.deliver(new Event(channel(), new Event.Lost()));
            attendance.tellLeft(attendance.leave(subscription.member()));
        }
    }

    /** Whether it is new; what was missed before it ends the subscriptions. */
    private boolean continues(Position position) {
        Position before = live;
        if (before != null && before.epoch().equals(position.epoch()) && position.offset() <= before.offset()) {
            return false;
        }
        if (before != null && !isNext(before, position)) {
            lose();
        }
        live = position;
        return true;
    }

    /** The first of a new stream follows an empty one, which brokers forget: nothing was missed. */
    private static boolean isNext(Position before, Position position) {
        return position.offset() == before.offset() + 1 && (position.epoch().equals(before.epoch()) || isEmpty(before));
    }

    private static boolean isEmpty(Position top) {
        return top.offset() == 0;
    }

    /** Tells all who listen. */
    void tell(Kind kind) {
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
