package dev.sluice.ops;

import dev.sluice.flow.Budget;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The figures of this node, as they are when asked for. What features register with the budget as {@code
 * exports.running} stands under {@code exports} as {@code running}, its limit under {@code exports.limits}. Thread-safe.
 */
final class Stats {
    private static final int MOST_STREAMS = 100;

    private final boolean demo;
    private final Budget budget;
    private final MeterRegistry registry;
    private final InstantSource clock;
    private final Instant started;

    Stats(boolean demo, Budget budget, MeterRegistry registry, InstantSource clock) {
        this.demo = demo;
        this.budget = budget;
        this.registry = registry;
        this.clock = clock;
        this.started = clock.instant();
    }

    Map<String, Object> now() {
        Map<String, Object> now = new LinkedHashMap<>();
        now.put("version", Build.version());
        now.put("demo", demo);
        now.put("scope", "node");
        now.put("startedAt", started.toString());
        now.put("uptimeSeconds", Duration.between(started, clock.instant()).toSeconds());
        now.putAll(resources());
        now.put("streams", streams());
        now.put("pools", pools());
        now.put("heap", heap());
        return now;
    }

    private Map<String, Map<String, Object>> resources() {
        Map<String, Map<String, Object>> groups = new TreeMap<>();
        Map<String, Map<String, Object>> limits = new TreeMap<>();
        for (Budget.Gauge gauge : budget.gauges()) {
            int dot = gauge.name().indexOf('.');
            String group = dot < 0 ? gauge.name() : gauge.name().substring(0, dot);
            String name = dot < 0 ? "used" : gauge.name().substring(dot + 1);
            groups.computeIfAbsent(group, g -> new TreeMap<>())
                    .put(name, gauge.used().getAsLong());
            limits.computeIfAbsent(group, g -> new TreeMap<>()).put(name, gauge.limit());
        }
        groups.forEach((group, figures) -> figures.put("limits", limits.getOrDefault(group, Map.of())));
        return groups;
    }

    /** The oldest first: those are what an operator looks for. */
    private Map<String, Object> streams() {
        List<Budget.Live> live = List.copyOf(budget.live());
        List<Map<String, Object>> oldest = live.stream()
                .sorted(Comparator.comparing(Budget.Live::since))
                .limit(MOST_STREAMS)
                .map(this::stream)
                .toList();
        return Map.of("live", live.size(), "oldest", oldest);
    }

    private Map<String, Object> stream(Budget.Live live) {
        Map<String, Object> stream = new LinkedHashMap<>();
        stream.put("id", live.id());
        stream.put("kind", live.kind());
        stream.put("what", live.what());
        stream.put("since", live.since().toString());
        stream.put("seconds", Duration.between(live.since(), clock.instant()).toSeconds());
        return stream;
    }

    /** As the pools tell the metrics. */
    private Map<String, Map<String, Object>> pools() {
        Map<String, Map<String, Object>> pools = new TreeMap<>();
        Map<String, String> names = Map.of("active", "active", "idle", "idle", "max", "size", "pending", "waiting");
        names.forEach((meter, name) -> {
            for (Gauge gauge : registry.find("hikaricp.connections." + meter).gauges()) {
                String pool = String.valueOf(gauge.getId().getTag("pool"));
                pools.computeIfAbsent(pool, p -> new TreeMap<>()).put(name, Math.round(gauge.value()));
            }
        });
        return pools;
    }

    private static Map<String, Object> heap() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("used", heap.getUsed());
        figures.put("max", heap.getMax());
        return figures;
    }
}
