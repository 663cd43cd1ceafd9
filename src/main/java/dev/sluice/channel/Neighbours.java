package dev.sluice.channel;

import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Signal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The other nodes: what they say becomes part of the topics, and they are told who is here. A node that appears is told
 * all; all are told again now and then, so that nothing that was lost on the way stays wrong for long.
 * Thread-safe.
 */
final class Neighbours {
    private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);

    private final Hub hub;
    private final Namespaces namespaces;
    private final Broadcasts broadcasts;
    private final Map<Relay, Announcing> relays;
    private final Executor executor;
    private final InstantSource ticks;

    Neighbours(
            Hub hub,
            Namespaces namespaces,
            Broadcasts broadcasts,
            Collection<Relay> relays,
            Executor executor,
            InstantSource ticks) {
        this.hub = hub;
        this.namespaces = namespaces;
        this.broadcasts = broadcasts;
        this.relays = relays.stream()
                .collect(Collectors.toUnmodifiableMap(Function.identity(), relay -> new Announcing(hub, relay)));
        this.executor = executor;
        this.ticks = ticks;
    }

    /** What the broker of a relay hands in. */
    Feed feed(Relay relay) {
        return new Feed() {
            @Override
            public void publication(Publication publication) {
                if (!broadcasts.hear(publication) && !belongsElsewhere(relay, publication)) {
                    hub.publication(publication);
                }
            }

            @Override
            public void signal(Signal signal) {
                if (!relay.isOwn(signal)) {
                    heard(relay, signal);
                }
            }

            @Override
            public void lost() {
                hub.lost(relay);
            }
        };
    }

    /**
     * What an application's SQL says in a channel that another broker keeps takes its place in that one's stream: a channel
     * has one order, and what is told is in its history. Other nodes do the same with what they keep.
     */
    private boolean belongsElsewhere(Relay relay, Publication publication) {
        if (publication.position().equals(Position.NONE)) {
            return false;
        }
        Optional<Relay> own = namespaces
                .find(publication.channel())
                .map(place -> place.namespace().relay())
                .filter(other -> other != relay);
        own.ifPresent(other -> other.broker().publish(draft(publication)).whenComplete(Neighbours::note));
        return own.isPresent();
    }

    private static Draft draft(Publication publication) {
        return new Draft(publication.channel(), publication.event(), publication.data(), publication.info(), "");
    }

    private static void note(Position position, @Nullable Throwable error) {
        if (error != null) {
            LOG.warn("A publication by SQL could not take its place in the stream of its channel", error);
        }
    }

    private void heard(Relay relay, Signal signal) {
        try {
            boolean isNew = !signal.kind().equals(Signals.BYE) && relay.heard(signal.node());
            understand(relay, signal);
            if (isNew) {
                executor.execute(() -> introduce(relay));
            }
        } catch (IllegalArgumentException e) {
            LOG.warn("A signal of another node is not understood: {}", e.toString());
        }
    }

    private void understand(Relay relay, Signal signal) {
        switch (signal.kind()) {
            case Signals.JOIN, Signals.HERE ->
                Signals.readMembers(signal.body()).forEach(member -> join(signal, member));
            case Signals.LEAVE -> Signals.readMembers(signal.body()).forEach(member -> leave(signal, member));
            case Signals.TYPING -> {
                Event.Typing typing = Signals.readTyping(signal.body());
                hub.ifThere(signal.channel(), topic -> topic.attendance().typesElsewhere(typing));
            }
            case Signals.REVISED -> hub.revised(signal.channel());
            case Signals.BYE -> forget(relay, signal.node());
            default -> {
                // WHO, and what newer nodes may have to say: the node is there.
            }
        }
    }

    private void join(Signal signal, Member member) {
        Predicate<Namespaces.Place> hasPresence =
                place -> place.namespace().settings().presence();
        namespaces.find(signal.channel()).filter(hasPresence).ifPresent(place -> {
            try {
                hub.inTopic(place, topic -> topic.attendance().joinElsewhere(member, signal.node()));
            } catch (ChannelException e) {
                LOG.debug("A member of another node is not shown: {}", e.getMessage());
            }
        });
    }

    private void leave(Signal signal, Member member) {
        hub.ifThere(signal.channel(), topic -> topic.attendance().leaveElsewhere(member, signal.node()));
    }

    /** Tells a node that is new that this one is there, and who is here. */
    private void introduce(Relay relay) {
        relay.call(Signals.WHO);
        announce(relay);
    }

    private void announce(Relay relay) {
        Objects.requireNonNull(relays.get(relay)).begin();
    }

    /** Goes on with what is announced; to be called several times a second. */
    void sweep() {
        relays.values().forEach(announcing -> announcing.sweep(executor));
    }

    private void forget(Relay relay, String node) {
        relay.forget(node);
        for (Topic topic : hub.topics()) {
            if (topic.namespace().relay() == relay) {
                hub.inTopic(topic, known -> known.attendance().forgetNode(node));
            }
        }
    }

    /** Makes this node known to the others, and forgets those that are silent. */
    void announce() {
        Instant now = ticks.instant();
        for (Relay relay : relays.keySet()) {
            relay.call(Signals.WHO);
            relay.forgetSilent(now);
            if (!relay.isAlone()) {
                announce(relay);
            }
        }
        Instant since = now.minus(Relay.FORGOTTEN_AFTER);
        for (Topic topic : hub.topics()) {
            hub.inTopic(topic, known -> known.attendance().forgetSilent(since));
        }
    }

    /** Tells them that this node goes. */
    void leave() {
        relays.keySet().forEach(relay -> relay.call(Signals.BYE));
    }
}
