package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.flow.Budget;
import dev.sluice.http.Json;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StatsTest {
    private final AtomicLong millis = new AtomicLong(1_000_000);
    private final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
    private final Budget budget = new Budget(clock);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Stats stats = new Stats(true, budget, registry, clock);

    @Test
    void tellsVersionProfileAndUptime() {
        millis.addAndGet(61_999);

        JsonNode now = now();

        assertThat(now.get("version").textValue()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(now.get("demo").booleanValue()).isTrue();
        assertThat(now.get("uptimeSeconds").intValue()).isEqualTo(61);
    }

    @Test
    void tellsWhatFeaturesRegisteredAndNothingElse() {
        budget.register(new Budget.Gauge("exports.running", () -> 3, 8));
        budget.register(new Budget.Gauge("exports.waiting", () -> 1, 100));

        JsonNode now = now();

        assertThat(now.get("exports"))
                .isEqualTo(Json.parse("{\"running\":3,\"waiting\":1,\"limits\":{\"running\":8,\"waiting\":100}}"));
        assertThat(now.has("connections")).isFalse();
    }

    @Test
    void tellsTheStreamsThatRunTheOldestFirst() {
        Budget.Live first = budget.began("export", "users.csv", () -> {});
        millis.addAndGet(5000);
        budget.began("export", "tasks.csv", () -> {});

        JsonNode streams = now().get("streams");
        assertThat(streams.get("live").intValue()).isEqualTo(2);
        assertThat(streams.get("oldest").get(0).get("what").textValue()).isEqualTo("users.csv");
        assertThat(streams.get("oldest").get(0).get("seconds").intValue()).isEqualTo(5);

        budget.ended(first);
        assertThat(now().get("streams").get("live").intValue()).isEqualTo(1);
    }

    @Test
    void tellsThePoolsByName() {
        pool("state", "active", 1);
        pool("state", "idle", 2);
        pool("state", "max", 10);
        pool("export", "active", 4);

        JsonNode pools = now().get("pools");

        assertThat(pools.get("state")).isEqualTo(Json.parse("{\"active\":1,\"idle\":2,\"size\":10}"));
        assertThat(pools.get("export").get("active").intValue()).isEqualTo(4);
    }

    @Test
    void tellsTheHeap() {
        JsonNode heap = now().get("heap");

        assertThat(heap.get("used").longValue()).isPositive();
        assertThat(heap.get("max").longValue()).isGreaterThan(heap.get("used").longValue());
    }

    private void pool(String name, String what, int value) {
        Gauge.builder("hikaricp.connections." + what, () -> value)
                .tag("pool", name)
                .register(registry);
    }

    private JsonNode now() {
        return Json.parse(Json.text(stats.now()));
    }
}
