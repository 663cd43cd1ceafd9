package dev.sluice.broker.postgres;

import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** What is counted of the broker on PostgreSQL. Thread-safe; closed with the broker, whose gauges it then drops. */
final class BrokerMetrics implements AutoCloseable {
    private final MeterRegistry registry;
    private final Counter published;
    private final Counter duplicates;
    private final Map<Reason, Counter> failures = new EnumMap<>(Reason.class);
    private final Timer sequencing;
    private final Counter sweepFinds;
    private final Counter reconnects;
    private final Counter lostSignals;
    private final List<Meter> gauges = new ArrayList<>();

    BrokerMetrics(MeterRegistry registry) {
        this.registry = registry;
        published = publishes("ok");
        duplicates = publishes("duplicate");
        for (Reason reason : Reason.values()) {
            failures.put(reason, publishes(reason.name().toLowerCase(Locale.ROOT)));
        }
        sequencing = Timer.builder("sluice.broker.sequencing")
                .description(
                        "From a call of sluice.publish, or a publish through a node that does not lead, to its place in"
                                + " the stream; the rest of the caller's transaction included. The oldest of each batch")
                .register(registry);
        sweepFinds = Counter.builder("sluice.broker.sweep.finds")
                .description("Rows of the outbox that passes have left behind; must stay 0")
                .register(registry);
        reconnects = Counter.builder("sluice.broker.reconnects")
                .description("Connections of the broker that broke or could not be made")
                .register(registry);
        lostSignals = Counter.builder("sluice.broker.signals.lost")
                .description("Signals between nodes that could not be told")
                .tag("broker", "postgres")
                .register(registry);
    }

    private Counter publishes(String result) {
        return Counter.builder("sluice.broker.publishes")
                .description("Publishes through this node by what became of them")
                .tag("result", result)
                .register(registry);
    }

    void gauge(String name, String description, Supplier<Number> value) {
        gauges.add(Gauge.builder(name, value).description(description).register(registry));
    }

    void published() {
        published.increment();
    }

    void duplicate() {
        duplicates.increment();
    }

    void failed(Throwable error) {
        if (error instanceof BrokerException known) {
            Objects.requireNonNull(failures.get(known.reason())).increment();
        }
    }

    /** The database's clock tells it, which may have been set back meanwhile. */
    void sequenced(Duration oldest) {
        sequencing.record(oldest.isNegative() ? Duration.ZERO : oldest);
    }

    void sweepFound(long rows) {
        sweepFinds.increment((double) rows);
    }

    void reconnected() {
        reconnects.increment();
    }

    void lostSignals(int count) {
        lostSignals.increment(count);
    }

    @Override
    public void close() {
        gauges.forEach(registry::remove);
    }
}
