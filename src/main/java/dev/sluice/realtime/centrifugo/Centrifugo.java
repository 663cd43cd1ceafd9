package dev.sluice.realtime.centrifugo;

import dev.sluice.channel.Channels;
import dev.sluice.flow.Frame;
import dev.sluice.flow.Workers;
import dev.sluice.http.RequestBodies;
import dev.sluice.realtime.Acceptor;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Dialect;
import dev.sluice.realtime.Ending;
import dev.sluice.realtime.Protocol;
import dev.sluice.realtime.SocketEndpoint;
import jakarta.servlet.http.HttpServlet;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;

/** Centrifugo's JSON protocol over sockets. One for each node; thread-safe; closed once, after its connections. */
public final class Centrifugo implements Dialect, AutoCloseable {
    private static final Frame PING = Frame.of("{}");
    /** Some of what they begin asks the database who somebody is. */
    private static final int THREADS = 8;

    private final Channels channels;
    private final ConnectionTokens tokens;
    private final Map<String, Rpc> methods;
    private final boolean guests;
    private final long pingSeconds;
    private final ServerMethods serverMethods;
    private final InstantSource clock;
    private final Instant started;
    private final String node = UUID.randomUUID().toString();
    private final ExecutorService workers = Workers.create("sluice-centrifugo", THREADS);
    private final Set<CentrifugoProtocol> connected = ConcurrentHashMap.newKeySet();

    /**
     * @param channels not yet started
     * @param methods what clients may call beside {@code ping} and {@code now}, by name
     * @param guests whether callers without a token are let in
     * @param heartbeat how often clients are asked for a sign of life
     */
    public Centrifugo(
            Channels channels,
            ConnectionTokens tokens,
            Map<String, Rpc> methods,
            boolean guests,
            Duration heartbeat,
            InstantSource clock) {
        this.channels = channels;
        this.tokens = tokens;
        this.methods = new HashMap<>(Rpcs.builtIn(clock));
        this.methods.putAll(methods);
        this.guests = guests;
        this.clock = clock;
        this.started = clock.instant();
        this.serverMethods = new ServerMethods(this, channels);
        this.pingSeconds = Math.max(1, heartbeat.plusMillis(999).toSeconds());
    }

    @Override
    public Class<? extends SocketEndpoint> type() {
        return CentrifugoEndpoint.class;
    }

    @Override
    public SocketEndpoint endpoint(Acceptor acceptor) {
        return new CentrifugoEndpoint(acceptor);
    }

    @Override
    public Protocol open(Connection connection) {
        return new CentrifugoProtocol(this, connection);
    }

    @Override
    public boolean beginsAtOnce() {
        return true;
    }

    @Override
    public Frame heartbeat() {
        return PING;
    }

    @Override
    public Optional<Frame> announcement(String json) {
        return Optional.of(Frame.of("{\"push\":{\"message\":{\"data\":{\"announcement\":" + json + "}}}}"));
    }

    @Override
    public int code(Ending ending) {
        return Closing.of(ending).map(Closing::code).orElseGet(ending::code);
    }

    @Override
    public String reason(Ending ending) {
        return Closing.of(ending).map(Closing::reason).orElseGet(ending::reason);
    }

    /** The paths of the server API. */
    public static List<String> apiPaths() {
        return ServerApi.PATHS.stream().map(method -> "/api/" + method).toList();
    }

    /** For {@link #apiPaths}: what applications do with channels and connections. Who may is decided in front. */
    public HttpServlet api(RequestBodies bodies) {
        return new ServerApi(serverMethods, bodies, workers);
    }

    /** For what had to wait: who ends the waiting has other things to do. */
    Executor workers() {
        return workers;
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }

    Channels channels() {
        return channels;
    }

    ConnectionTokens tokens() {
        return tokens;
    }

    Optional<Rpc> method(String name) {
        return Optional.ofNullable(methods.get(name));
    }

    boolean guests() {
        return guests;
    }

    long pingSeconds() {
        return pingSeconds;
    }

    String node() {
        return node;
    }

    Instant now() {
        return clock.instant();
    }

    Duration uptime() {
        return Duration.between(started, now());
    }

    void enter(CentrifugoProtocol one) {
        connected.add(one);
    }

    void leave(CentrifugoProtocol one) {
        connected.remove(one);
    }

    /** Those that are connected to this node. */
    Collection<CentrifugoProtocol> connected() {
        return connected;
    }
}
