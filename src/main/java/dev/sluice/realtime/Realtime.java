package dev.sluice.realtime;

import dev.sluice.channel.Channels;
import dev.sluice.flow.Budget;
import dev.sluice.flow.Frame;
import dev.sluice.flow.Outboxes;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.RequestBodies;
import dev.sluice.settings.RealtimeSettings;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The door of sockets: what they share, the filter in front of them and their end. Dialects are added first, then the
 * endpoints registered with the container. Thread-safe from then on; one for each node, closed once.
 */
public final class Realtime implements AutoCloseable {
    /** What announcements are called among nodes. */
    private static final String ANNOUNCEMENT = "announcement";

    private static final Duration ANNOUNCEMENT_PATIENCE = Duration.ofSeconds(10);

    private final RealtimeSettings settings;
    private final ClientAddress addresses;
    private final Set<String> origins;
    private final boolean demo;
    private final Channels channels;
    private final Outboxes outboxes;
    private final SessionRegistry registry;
    private final Wheel wheel;
    private final Sockets sockets;
    private final CallerWatch watch;
    private final SlowClose slowClose;
    private final Map<String, Dialect> dialects = new HashMap<>();

    /**
     * @param origins of pages of other sites that may connect
     * @param channels the way to the other nodes; not yet started
     * @param clock for time stamps
     * @param ticks for durations: nobody sets it
     */
    public Realtime(
            RealtimeSettings settings,
            boolean demo,
            List<String> origins,
            ClientAddress addresses,
            Identities identities,
            Channels channels,
            Budget budget,
            MeterRegistry metrics,
            InstantSource clock,
            InstantSource ticks) {
        this.settings = settings;
        this.demo = demo;
        this.origins = Set.copyOf(origins);
        this.addresses = addresses;
        this.channels = channels;
        this.outboxes = new Outboxes(
                new Outboxes.Limits(settings.outboxMessages(), settings.outboxBytes(), settings.outboxAge()), ticks);
        this.registry = new SessionRegistry(settings);
        this.wheel = new Wheel(outboxes.now());
        Optional<GatheredWrites> writes = GatheredWrites.find();
        this.sockets = new Sockets(
                settings,
                outboxes,
                wheel,
                registry,
                new Upgrades(settings, outboxes::now, writes),
                identities,
                new ConnectionMetrics(metrics, outboxes),
                new AtomicLong(),
                clock,
                writes);
        this.watch = new CallerWatch(registry, identities);
        this.slowClose = new SlowClose(registry);
        register(budget);
        channels.onTold(ANNOUNCEMENT, this::announce);
    }

    /** Adds a path and what is spoken there. */
    public void add(Dialect dialect) {
        dialects.put(path(dialect), dialect);
    }

    /** The paths of all sockets. */
    public Set<String> paths() {
        return Set.copyOf(dialects.keySet());
    }

    /** To be mapped to {@link #paths}, behind the filter that finds out who calls. */
    public Filter filter() {
        return new UpgradeFilter(sockets.upgrades(), addresses, origins, demo);
    }

    /** Hands the endpoints to the container, once, and begins to watch over their callers. */
    public void start(ServerContainer container) throws DeploymentException {
        for (Map.Entry<String, Dialect> entry : dialects.entrySet()) {
            container.addEndpoint(config(entry.getKey(), entry.getValue()));
        }
        watch.start();
    }

    /** Looks at everything that has a time; to be called a few times in a second. */
    public void sweep() {
        outboxes.sweep();
        // One time for all: what is scheduled by an older one than the wheel's would lie behind it.
        wheel.advance(outboxes.now());
        sockets.upgrades().sweep();
    }

    /**
     * Tells all connections of all nodes that are established and whose dialect has a form for it; those of other nodes
     * first.
     *
     * @param json an object
     * @return completes with how many there are on this node; fails when others could not be told, and then nobody is
     */
    CompletionStage<Integer> announceToAll(String json) {
        return channels.tellNodes(ANNOUNCEMENT, json).thenApply(told -> announce(json));
    }

    private int announce(String json) {
        Map<Dialect, Optional<Frame>> frames = new HashMap<>();
        int told = 0;
        for (Connection connection : registry.open()) {
            if (!connection.isEstablished()) {
                // Nobody knows yet who that is.
                continue;
            }
            Optional<Frame> frame = frames.computeIfAbsent(connection.dialect(), dialect -> dialect.announcement(json));
            frame.ifPresent(connection::send);
            told += frame.isPresent() ? 1 : 0;
        }
        return told;
    }

    /** {@code POST /api/announcements}: tells all connections. Who may is decided in front. */
    public HttpServlet announcements(RequestBodies bodies) {
        return new AnnouncementServlet(this::announceToAll, bodies, ANNOUNCEMENT_PATIENCE);
    }

    /** Does something with each connection of the moment. */
    public void forEach(Consumer<Connection> action) {
        registry.open().forEach(action);
    }

    /** How many connections there are. */
    public int count() {
        return registry.count();
    }

    /** Lets nobody in any more and begins to close all connections, not all at once. Does not block. */
    public void drain() {
        registry.close();
        slowClose.start();
    }

    /** Waits until the drained connections are gone. */
    public void awaitDrained(Duration atMost) throws InterruptedException {
        slowClose.await(atMost);
    }

    @Override
    public void close() {
        registry.close();
        watch.close();
        slowClose.close();
        new ArrayList<>(registry.open()).forEach(connection -> connection.cut(Ending.SHUTDOWN));
        outboxes.close();
    }

    private void register(Budget budget) {
        int most = settings.maxConnections();
        Upgrades upgrades = sockets.upgrades();
        budget.register(new Budget.Gauge("connections.open", registry::count, most));
        budget.register(new Budget.Gauge("connections.sockets", upgrades::count, upgrades.most()));
        budget.register(
                new Budget.Gauge("connections.queuedBytes", outboxes::queuedBytes, settings.outboxBytes() * most));
        budget.register(new Budget.Gauge(
                "connections.incomingBytes", () -> sockets.incomingBytes().get(), settings.incomingBytes()));
    }

    private ServerEndpointConfig config(String path, Dialect dialect) {
        Acceptor acceptor = new Acceptor(sockets, dialect);
        ServerEndpointConfig config = ServerEndpointConfig.Builder.create(dialect.type(), path)
                .configurator(new SocketConfigurator(() -> dialect.endpoint(acceptor)))
                .build();
        config.getUserProperties().putAll(SocketWire.PROPERTIES);
        return config;
    }

    private static String path(Dialect dialect) {
        ServerEndpoint annotation = dialect.type().getAnnotation(ServerEndpoint.class);
        if (annotation == null) {
            throw new IllegalArgumentException(dialect.type() + " names no path");
        }
        return annotation.value();
    }
}
