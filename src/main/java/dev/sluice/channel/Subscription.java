package dev.sluice.channel;

import dev.sluice.channel.ChannelException.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection in one channel. Begins as a reserved place, waits in its topic until it is known where it begins, is live,
 * and is over. What is not final is guarded by the lock of the topic, or volatile.
 */
final class Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);
    private static final int LATE_MOST = 100;

    private final Link link;
    private final String channel;

    /** Under the lock of the topic. */
    private boolean live;

    private long last;
    private @Nullable Member member;

    private volatile boolean over;
    private volatile @Nullable Topic topic;
    private volatile @Nullable Instant expires;
    private volatile boolean byToken;
    private volatile boolean byServer;

    /** Wishes for the same channel that came before it was live; null once they are answered. */
    private @Nullable List<Waiter> late = new ArrayList<>(0);

    Subscription(Link link, String channel) {
        this.link = link;
        this.channel = channel;
    }

    Link link() {
        return link;
    }

    String channel() {
        return channel;
    }

    /** What who waits for it is told when it ends before it was there. */
    ChannelException ended() {
        return new ChannelException(Reason.NOT_AVAILABLE, "The subscription to " + channel + " has ended meanwhile.");
    }

    /** Whether it is over; then it must not enter a topic any more. */
    boolean isOver() {
        return over;
    }

    /** The topic it is in, or was about to enter. */
    @Nullable
    Topic topic() {
        return topic;
    }

    void setTopic(Topic entered) {
        topic = entered;
    }

    void end() {
        over = true;
    }

    boolean isLive() {
        return live;
    }

    /** Events with a greater offset are its own from now on. */
    void begin(Member self, long offset) {
        member = self;
        last = offset;
        live = true;
    }

    void stop() {
        live = false;
        over = true;
    }

    long last() {
        return last;
    }

    Member member() {
        return java.util.Objects.requireNonNull(member);
    }

    Optional<Instant> expires() {
        return Optional.ofNullable(expires);
    }

    boolean isByToken() {
        return byToken;
    }

    boolean isByServer() {
        return byServer;
    }

    void setGrant(Grant grant) {
        renew(grant);
        byServer = grant.byServer();
    }

    /** A newer token; what the server wished it still wishes. */
    void renew(Grant grant) {
        expires = grant.expires().orElse(null);
        byToken = grant.opens();
    }

    /** Whether a publication is to be handed over: it has not had it already. */
    boolean wants(long offset) {
        return live && (offset == 0 || offset > last);
    }

    /**
     * Hands over a publication that it {@link #wants}.
     *
     * @return false when that has failed: then it is missing there
     */
    boolean deliver(Event event, long offset) {
        last = Math.max(last, offset);
        return deliver(event);
    }

    /**
     * Hands an event over; what goes wrong with one of them is not the others' trouble.
     *
     * @return false when something did
     */
    boolean deliver(Event event) {
        if (link.isClosed()) {
            return true;
        }
        try {
            link.subscriber().deliver(event);
            return true;
        } catch (RuntimeException | Error e) {
            LOG.error("An event could not be delivered to {}", link.subscriber().connection(), e);
            return false;
        }
    }

    /**
     * Lets a second wish wait for the answer to the first; false when that has been given.
     *
     * @throws ChannelException when too many wait already
     */
    boolean waitToo(Waiter waiter) {
        synchronized (link) {
            if (late != null && late.size() >= LATE_MOST) {
                throw new ChannelException(
                        Reason.TOO_MANY_REQUESTS, "Too many wishes for " + channel + " wait for an answer already.");
            }
            return late != null && late.add(waiter);
        }
    }

    /** The first wish is answered: those who wait with it; none after that. */
    List<Waiter> settle() {
        synchronized (link) {
            List<Waiter> waiting = late;
            late = null;
            return waiting == null ? List.of() : waiting;
        }
    }
}
