package dev.sluice.broker.local;

import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.Draft;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Retention;
import dev.sluice.broker.Signal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The streams of one process, which its nodes share. Thread-safe; needs no closing. A channel is under the lock of its
 * {@link Stripe}, which it shares with one in {@link #STRIPES} of the others; nothing is under a lock of all.
 *
 * <p>A channel that nobody has published to has the present epoch, without being remembered. An empty stream can
 * therefore be forgotten as soon as the present epoch is another than its own: the next one of the same name is told
 * from it.
 */
public final class LocalStreams {
    private static final int STRIPES = 256;
    private static final Duration SWEEP_PAUSE = Duration.ofSeconds(1);

    private final Function<String, Retention> retention;
    private final InstantSource clock;
    private final InstantSource ticks;
    private final Room room;
    private final List<Stripe> stripes;
    private final Counter lostSignals;
    private final List<LocalNode> nodes = new CopyOnWriteArrayList<>();
    private final AtomicLong nextSweep = new AtomicLong(Long.MIN_VALUE);
    private volatile String epoch = newEpoch();

    /**
     * @param retention of a channel
     * @param clock for time stamps
     * @param ticks for ages
     */
    public LocalStreams(
            Function<String, Retention> retention,
            LocalLimits limits,
            InstantSource clock,
            InstantSource ticks,
            MeterRegistry metrics) {
        this.retention = retention;
        this.clock = clock;
        this.ticks = ticks;
        this.room = new Room(limits);
        this.stripes = Stream.generate(() -> new Stripe(room)).limit(STRIPES).toList();
        this.lostSignals = Counter.builder("sluice.broker.signals.lost")
                .description("Signals between nodes that could not be told")
                .tag("broker", "local")
                .register(metrics);
    }

    void join(LocalNode node) {
        nodes.add(node);
    }

    void leave(LocalNode node) {
        nodes.remove(node);
    }

    Position publish(Draft draft) {
        Retention kept = retention.apply(draft.channel());
        if (kept.keeps() || !draft.idempotencyKey().isEmpty()) {
            requireRoom();
        }
        Stripe stripe = stripe(draft.channel());
        return stripe.locked(() -> publish(stripe, draft, kept));
    }

    private Position publish(Stripe stripe, Draft draft, Retention kept) {
        Instant now = ticks.instant();
        return stripe.first(draft, now).orElseGet(() -> {
            Position position = kept.keeps() ? keep(stripe, draft, kept, now) : hand(draft, Position.NONE);
            stripe.remember(draft, position, now);
            return position;
        });
    }

    private Position keep(Stripe stripe, Draft draft, Retention kept, Instant now) {
        LocalStream stream = stripe.make(draft.channel(), epoch);
        Publication publication = publication(draft, stream.next());
        stream.append(publication, kept, now);
        return hand(publication);
    }

    private Position hand(Draft draft, Position position) {
        return hand(publication(draft, position));
    }

    /** Under the lock of the channel: each feed sees the same order. */
    private Position hand(Publication publication) {
        for (LocalNode node : nodes) {
            node.publication(publication);
        }
        return publication.position();
    }

    private Publication publication(Draft draft, Position position) {
        return new Publication(draft.channel(), position, draft.event(), draft.data(), draft.info(), clock.millis());
    }

    History history(String channel, History.Query query) {
        Retention kept = retention.apply(channel);
        if (!kept.keeps()) {
            return new History(Position.NONE, List.of());
        }
        Stripe stripe = stripe(channel);
        return stripe.locked(() -> stripe.find(channel)
                .map(stream -> {
                    stream.trim(kept, ticks.instant());
                    return stream.read(query);
                })
                .orElseGet(() -> new History(new Position(epoch, 0), List.of())));
    }

    void forget(String channel) {
        Stripe stripe = stripe(channel);
        stripe.locked(() -> {
            stripe.find(channel).ifPresent(LocalStream::clear);
            return true;
        });
    }

    boolean replace(String channel, long offset, String data) {
        Stripe stripe = stripe(channel);
        return stripe.locked(() -> stripe.find(channel)
                .map(stream -> {
                    stream.trim(retention.apply(channel), ticks.instant());
                    return stream.replace(offset, data);
                })
                .orElse(false));
    }

    void signal(Signal signal) {
        for (LocalNode node : nodes) {
            if (!node.signal(signal)) {
                lostSignals.increment();
            }
        }
    }

    private Stripe stripe(String channel) {
        int hash = channel.hashCode();
        return stripes.get((hash ^ (hash >>> 16)) & (STRIPES - 1));
    }

    private void requireRoom() {
        if (room.isFull()) {
            sweep();
            if (room.isFull()) {
                throw new BrokerException(
                        Reason.OVERLOADED,
                        "the broker in memory is full (" + room + "): keep less of its channels, or keep them in"
                                + " PostgreSQL");
            }
        }
    }

    /** One thread at a time, and with a pause: where all is fresh it finds nothing and costs much. */
    private void sweep() {
        Instant now = ticks.instant();
        long due = nextSweep.get();
        if (due > now.toEpochMilli()
                || !nextSweep.compareAndSet(due, now.plus(SWEEP_PAUSE).toEpochMilli())) {
            return;
        }
        String fresh = newEpoch();
        epoch = fresh;
        for (Stripe stripe : stripes) {
            stripe.locked(() -> {
                stripe.sweep(retention, fresh, now);
                return true;
            });
        }
    }

    private static String newEpoch() {
        return UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    }
}
