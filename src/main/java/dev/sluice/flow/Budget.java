package dev.sluice.flow;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What this node's streams may use and do use. Features register their gauges, and a handle for everything that lives
 * for long; operations read only this. Thread-safe; one for each node, alive as long as the application.
 */
public final class Budget {
    private final InstantSource clock;
    private final Map<String, Gauge> gauges = new ConcurrentHashMap<>();
    private final Map<Long, Live> live = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();

    /**
     * How much of something is in use.
     *
     * @param name as in metrics: {@code exports.running}
     * @param used the present amount
     * @param limit the most there can be, for this node
     */
    public record Gauge(String name, LongSupplier used, long limit) {}

    /**
     * Something that lives for long.
     *
     * @param kind {@code export}
     * @param what what it is, for people
     * @param since when it began
     * @param kill ends it soon; does not block
     */
    public record Live(long id, String kind, String what, Instant since, Runnable kill) {}

    public Budget(InstantSource clock) {
        this.clock = clock;
    }

    public void register(Gauge gauge) {
        gauges.put(gauge.name(), gauge);
    }

    /** Says that something began; what comes back is to be handed to {@link #ended}. */
    public Live began(String kind, String what, Runnable kill) {
        Live began = new Live(ids.incrementAndGet(), kind, what, clock.instant(), kill);
        live.put(began.id(), began);
        return began;
    }

    public void ended(Live ended) {
        live.remove(ended.id());
    }

    public Collection<Gauge> gauges() {
        return List.copyOf(gauges.values());
    }

    public Collection<Live> live() {
        return List.copyOf(live.values());
    }
}
