package dev.sluice.ops;

import dev.sluice.flow.Budget;
import dev.sluice.flow.Streams;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What Prometheus is told: the JVM, the pools, what features count, and what the budget knows. Thread-safe. */
final class Meters implements AutoCloseable {
    private final PrometheusMeterRegistry registry;
    private final Budget budget;
    private final JvmGcMetrics garbage = new JvmGcMetrics();

    private final Set<String> bound = ConcurrentHashMap.newKeySet();

    Meters(PrometheusMeterRegistry registry, Budget budget, Streams streams) {
        this.registry = registry;
        this.budget = budget;
        bindJvm();
        Gauge.builder("sluice.streams", streams, Streams::count)
                .description(
                        "Streams that run at the moment, on this node: responses, and what is drained into the spool")
                .register(registry);
        Gauge.builder("sluice.build.info", () -> 1)
                .description("The version that runs")
                .tag("version", Build.version())
                .register(registry);
    }

    /** The exposition, in Prometheus's text format 0.0.4. */
    String text() {
        budget.gauges().forEach(this::bind);
        return registry.scrape();
    }

    @Override
    public void close() {
        garbage.close();
    }

    private void bindJvm() {
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbage.bindTo(registry);
    }

    /** Features come whenever they like; what is registered already stays as it is. */
    private void bind(Budget.Gauge gauge) {
        if (!bound.add(gauge.name())) {
            return;
        }
        Gauge.builder("sluice.budget.used", gauge, g -> (double) g.used().getAsLong())
                .description("How much of a bounded resource is in use, on this node")
                .tag("resource", gauge.name())
                .register(registry);
        Gauge.builder("sluice.budget.limit", gauge, g -> (double) g.limit())
                .description("How much of a bounded resource there is, on this node")
                .tag("resource", gauge.name())
                .register(registry);
    }
}
