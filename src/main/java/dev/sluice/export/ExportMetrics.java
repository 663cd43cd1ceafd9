package dev.sluice.export;

import dev.sluice.export.ExportTime.Phase;
import dev.sluice.flow.EndReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is counted of exports. Thread-safe. */
final class ExportMetrics {
    /** The lane of an export that did not come to its rows. */
    private static final String NO_LANE = "none";

    private final Map<EndReason, Map<String, Counter>> exports = new EnumMap<>(EndReason.class);
    private final Counter rows;
    private final Counter bytes;
    private final Map<Phase, Counter> waits = new EnumMap<>(Phase.class);

    ExportMetrics(MeterRegistry registry) {
        for (EndReason reason : EndReason.values()) {
            exports.put(reason, byLane(registry, reason));
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

    void ended(EndReason reason, Optional<Lane> lane, long rowCount, long byteCount, ExportTime time) {
        String label = lane.map(Lane::label).orElse(NO_LANE);
        Objects.requireNonNull(Objects.requireNonNull(exports.get(reason)).get(label))
                .increment();
        rows.increment((double) rowCount);
        bytes.increment((double) byteCount);
        waits.forEach((phase, counter) -> counter.increment(time.seconds(phase)));
    }

    private static Map<String, Counter> byLane(MeterRegistry registry, EndReason reason) {
        return Stream.concat(Arrays.stream(Lane.values()).map(Lane::label), Stream.of(NO_LANE))
                .collect(Collectors.toMap(
                        lane -> lane,
                        lane -> Counter.builder("sluice.exports")
                                .description("Exports by the reason of their end and the lane their rows came in")
                                .tag("end", reason.label())
                                .tag("lane", lane)
                                .register(registry)));
    }

    private static Counter wait(MeterRegistry registry, Phase phase) {
        return Counter.builder("sluice.export.wait.seconds")
                .description("Seconds exports spent in the queue, on the database (encoding rows included) and on the"
                        + " client")
                .tag("for", phase.label())
                .register(registry);
    }
}
