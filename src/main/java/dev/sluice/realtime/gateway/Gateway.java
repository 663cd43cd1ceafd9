package dev.sluice.realtime.gateway;

import dev.sluice.channel.Channels;
import dev.sluice.flow.Frame;
import dev.sluice.http.Json;
import dev.sluice.realtime.Acceptor;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Dialect;
import dev.sluice.realtime.Envelope;
import dev.sluice.realtime.Protocol;
import dev.sluice.realtime.SocketEndpoint;
import dev.sluice.settings.ChatSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plain gateway: whatever one says is told to all who are connected, to this node at once and to others as fast as
 * the database is, and nothing of it is kept. Thread-safe; closed once, after its connections.
 */
public final class Gateway implements Dialect, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    /** As nodes call it. */
    private static final String KIND = "gateway";

    private final boolean guests;
    private final ChatSettings limits;
    private final Channels channels;
    private final InstantSource clock;
    private final Leaves leaves;
    private final Set<Connection> members = ConcurrentHashMap.newKeySet();

    /**
     * @param guests whether callers without a token are let in
     * @param channels the way to the other nodes; not yet started
     */
    public Gateway(boolean guests, ChatSettings limits, Channels channels, InstantSource clock, MeterRegistry metrics) {
        this.guests = guests;
        this.limits = limits;
        this.channels = channels;
        this.clock = clock;
        this.leaves = new Leaves(this::tellLeave, metrics);
        channels.onTold(KIND, this::tellHere);
    }

    @Override
    public Class<? extends SocketEndpoint> type() {
        return GatewayEndpoint.class;
    }

    @Override
    public SocketEndpoint endpoint(Acceptor acceptor) {
        return new GatewayEndpoint(acceptor);
    }

    @Override
    public Protocol open(Connection connection) {
        return new GatewayProtocol(this, connection);
    }

    @Override
    public Optional<Frame> announcement(String json) {
        return Optional.of(Envelope.frame("announcement", Json.parse(json), now()));
    }

    ChatSettings limits() {
        return limits;
    }

    boolean guests() {
        return guests;
    }

    long now() {
        return clock.millis();
    }

    void enter(Connection connection) {
        members.add(connection);
    }

    void leave(Connection connection) {
        members.remove(connection);
    }

    /** Tells all that somebody is gone who did not say so: soon, unless very many are. */
    void gone(String user) {
        leaves.gone(user);
    }

    /** Answers how many are told here. */
    int tellLeave(String user) {
        tell("leave", user, user + " left");
        return members.size();
    }

    /** Tells all, who says it included. */
    void tell(String kind, String user, String text) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("type", kind);
        payload.put("user", user);
        payload.put("text", text);
        payload.put("timestamp", now());
        String json = Json.text(payload);
        tellHere(json);
        if (!channels.isAlone()) {
            channels.tellNodes(KIND, json).whenComplete(Gateway::note);
        }
    }

    /** The broker counts it as well. */
    private static void note(Void told, @Nullable Throwable error) {
        if (error != null) {
            LOG.debug("Other nodes could not be told", error);
        }
    }

    private void tellHere(String payload) {
        Frame frame = Envelope.frame("chat", Json.parse(payload), now());
        members.forEach(member -> member.send(frame));
    }

    @Override
    public void close() {
        leaves.close();
    }
}
