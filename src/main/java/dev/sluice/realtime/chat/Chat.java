package dev.sluice.realtime.chat;

import dev.sluice.channel.Channels;
import dev.sluice.channel.Stamp;
import dev.sluice.flow.Frame;
import dev.sluice.flow.Workers;
import dev.sluice.http.Json;
import dev.sluice.http.RequestBodies;
import dev.sluice.realtime.Acceptor;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Dialect;
import dev.sluice.realtime.Envelope;
import dev.sluice.realtime.Protocol;
import dev.sluice.realtime.SocketEndpoint;
import dev.sluice.settings.ChatSettings;
import jakarta.servlet.http.HttpServlet;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** Sluice's own protocol: chat rooms and channels. Thread-safe; closed once, after its connections. */
public final class Chat implements Dialect, AutoCloseable {
    /** Room R is channel {@code room:R}. */
    public static final String NAMESPACE = "room";

    private static final int THREADS = 4;

    private final Channels channels;
    private final Mutes mutes;
    private final ChatSettings limits;
    private final boolean guests;
    private final InstantSource clock;
    private final Events events;
    private final ExecutorService workers = Workers.create("sluice-chat", THREADS);

    /** @param guests whether callers without a token are let in */
    public Chat(Channels channels, Mutes mutes, ChatSettings limits, boolean guests, InstantSource clock) {
        this.channels = channels;
        this.mutes = mutes;
        this.limits = limits;
        this.guests = guests;
        this.clock = clock;
        this.events = new Events(clock);
    }

    /** What becomes of a text in a room, whichever way it comes. */
    public static Stamp stamp(Mutes mutes, ChatSettings limits, InstantSource clock) {
        return new RoomStamp(mutes, limits.textLength(), clock);
    }

    /** {@code /api/rooms/*}: what admins do in rooms. Who may is decided in front. */
    public HttpServlet rooms(RequestBodies bodies) {
        return new RoomsServlet(new Moderation(channels), mutes, bodies);
    }

    @Override
    public Class<? extends SocketEndpoint> type() {
        return ChatEndpoint.class;
    }

    @Override
    public SocketEndpoint endpoint(Acceptor acceptor) {
        return new ChatEndpoint(acceptor);
    }

    @Override
    public Protocol open(Connection connection) {
        return new ChatProtocol(this, connection, workers);
    }

    @Override
    public Optional<Frame> announcement(String json) {
        return Optional.of(Envelope.frame("announcement", Json.parse(json), now()));
    }

    Channels channels() {
        return channels;
    }

    ChatSettings limits() {
        return limits;
    }

    Events events() {
        return events;
    }

    boolean guests() {
        return guests;
    }

    long now() {
        return clock.millis();
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
