package dev.sluice.ops;

import dev.sluice.db.Database;
import dev.sluice.flow.Budget;
import dev.sluice.flow.Streams;
import dev.sluice.http.ClientAddress;
import dev.sluice.settings.Settings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;

/**
 * The door of operations: health, metrics and figures of this node, and its drain. Who may see the figures is decided in
 * front; {@link #metrics} decides by itself. Thread-safe; one for each node, closed once.
 */
public final class Operations implements AutoCloseable {
    private static final int PROBE_SECONDS = 2;

    private final Settings settings;
    private final Streams streams;
    private final Leaving leaving;
    private final InstantSource clock;
    private final ClientAddress addresses;
    private final DatabaseProbe probe;
    private final Meters meters;
    private final Stats stats;
    private final Drain drain;

    /** What has to end when this node goes down, beside the streams. */
    public interface Leaving {
        /** Lets nothing new begin and refuses what waits for its turn; does not block. */
        void begin();

        /** Waits until all has ended that does not end at once. */
        default void await(Duration atMost) throws InterruptedException {}
    }

    /**
     * @param leaving what has to end beside the streams, when this node goes down
     * @param state the database without which this node is not ready
     */
    public Operations(
            Settings settings,
            Streams streams,
            Leaving leaving,
            Budget budget,
            Database state,
            PrometheusMeterRegistry registry,
            ClientAddress addresses,
            InstantSource clock) {
        this.settings = settings;
        this.streams = streams;
        this.leaving = leaving;
        this.clock = clock;
        this.addresses = addresses;
        this.probe = new DatabaseProbe(() -> isReachable(state), clock);
        this.meters = new Meters(registry, budget, streams);
        this.drain = new Drain();
        this.stats = new Stats(settings.demo().enabled(), budget, registry, clock);
    }

    /** {@code /health/live}: 200 as long as requests are answered at all. */
    public HttpServlet live() {
        return new LiveServlet();
    }

    /** {@code /health/ready}: 200, or 503 while draining or without the state database; answers within seconds. */
    public HttpServlet ready() {
        return new ReadyServlet(drain, probe);
    }

    /** {@code /metrics}: for Prometheus; for admins and this machine alone, unless {@code metrics.public} says so. */
    public HttpServlet metrics() {
        return new MetricsServlet(meters, addresses, settings.server().metricsPublic());
    }

    /** {@code /api/stats}: the figures of this node as JSON. */
    public HttpServlet stats() {
        return new StatsServlet(stats);
    }

    /** Refuses with 503, while draining, what would only be cut; to be mapped to the paths of long streams. */
    public Filter refuseWhileDraining() {
        return new DrainFilter(drain);
    }

    /**
     * Says that this node goes down, lets the running streams end until {@code drain-timeout} and cuts the others. Blocks;
     * a second call returns at once.
     */
    public void drain() {
        if (drain.begin()) {
            long until = clock.millis() + settings.server().drainTimeout().toMillis();
            leaving.begin();
            try {
                streams.drain(settings.server().drainTimeout());
                leaving.await(Duration.ofMillis(Math.max(0, until - clock.millis())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        probe.close();
        meters.close();
    }

    private static boolean isReachable(Database state) {
        try {
            return state.call(connection -> connection.isValid(PROBE_SECONDS));
        } catch (SQLException e) {
            return false;
        }
    }
}
