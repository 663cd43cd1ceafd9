package dev.sluice.export;

import dev.sluice.export.ExportTime.Phase;
import dev.sluice.flow.EndReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** What is counted of exports. Thread-safe. */
final class ExportMetrics {
    private final Map<EndReason, Counter> exports = new EnumMap<>(EndReason.class);
    private final Counter rows;
    private final Counter bytes;
    private final Map<Phase, Counter> waits = new EnumMap<>(Phase.class);

    ExportMetrics(MeterRegistry registry) {
        for (EndReason reason : EndReason.values()) {
            exports.put(
                    reason,
                    Counter.builder("sluice.exports")
                            .description("Exports by the reason of their end")
                            .tag("end", reason.label())
                            .register(registry));
        }
        rows = Counter.builder("sluice.export.rows")
                .description("Rows exported")
                .register(registry);
        bytes = Counter.builder("sluice.export.bytes")
                .description("Bytes of text exported, before compression")
                .register(registry);
        for (Phase phase : Phase.values()) {
            waits.put(phase, wait(registry, phase));
        }
    }

    void ended(EndReason reason, long rowCount, long byteCount, ExportTime time) {
        java.util.Objects.requireNonNull(exports.get(reason)).increment();
        rows.increment((double) rowCount);
        bytes.increment((double) byteCount);
        waits.forEach((phase, counter) -> counter.increment(time.seconds(phase)));
    }

    private static Counter wait(MeterRegistry registry, Phase phase) {
        return Counter.builder("sluice.export.wait.seconds")
                .description("Seconds exports spent in the queue, on the database (encoding rows included) and on the"
                        + " client")
                .tag("for", phase.label())
                .register(registry);
    }
}
