package dev.sluice.realtime;

import dev.sluice.flow.OutboxEnd;
import dev.sluice.flow.Outboxes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What is counted of connections. Thread-safe. */
final class ConnectionMetrics {
    private static final Set<Ending> REFUSALS = Set.of(Ending.FULL, Ending.USER_FULL, Ending.UNAUTHENTICATED);

    private final Map<Ending, Counter> endings = new EnumMap<>(Ending.class);
    private final Counter opened;
    private final Counter received;
    private final Map<Ending, Counter> refusals = new EnumMap<>(Ending.class);

    ConnectionMetrics(MeterRegistry registry, Outboxes outboxes) {
        for (Ending ending : Ending.values()) {
            endings.put(
                    ending,
                    Counter.builder("sluice.connections.ended")
                            .description("Sockets by the reason of their end")
                            .tag("reason", ending.label())
                            .register(registry));
        }
        for (OutboxEnd end : OutboxEnd.values()) {
            FunctionCounter.builder("sluice.outboxes.ended", outboxes, all -> (double) all.ended(end))
                    .description("What waited for a socket, by how it ended")
                    .tag("end", end.label())
                    .register(registry);
        }
        opened = Counter.builder("sluice.connections.opened")
                .description("Sockets that were let in")
                .register(registry);
        received = Counter.builder("sluice.connections.messages")
                .description("Messages that clients have sent")
                .register(registry);
        for (Ending ending : REFUSALS) {
            refusals.put(
                    ending,
                    Counter.builder("sluice.connections.refused")
                            .description("Sockets that were not let in, by the reason")
                            .tag("reason", ending.label())
                            .register(registry));
        }
    }

    void opened() {
        opened.increment();
    }

    void received() {
        received.increment();
    }

    /** @param ending one of those that a socket may have before it is let in */
    void refused(Ending ending) {
        Objects.requireNonNull(refusals.get(ending)).increment();
    }

    void ended(Ending ending) {
        Objects.requireNonNull(endings.get(ending)).increment();
    }
}
