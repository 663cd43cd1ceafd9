package dev.sluice.realtime;

import jakarta.websocket.CloseReason;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The container's view of a socket, for classes that say with {@code @ServerEndpoint} on which path. Messages are taken
 * in parts as they come, so that a quiet socket needs no buffer for large ones. One instance for each socket; called by
 * one thread at a time, but for its close.
 */
public abstract class SocketEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(SocketEndpoint.class);

    private final Acceptor acceptor;
    private volatile Optional<Connection> connection = Optional.empty();

    protected SocketEndpoint(Acceptor acceptor) {
        this.acceptor = acceptor;
    }

    @OnOpen
    public void open(Session session) {
        connection = acceptor.accept(session);
    }

    @OnMessage
    public void text(String part, boolean last) {
        connection.ifPresent(live -> live.part(part, last));
    }

    @OnMessage
    public void binary(ByteBuffer part, boolean last) {
        connection.ifPresent(live -> live.close(Ending.NOT_TEXT));
    }

    @OnMessage
    public void pong(PongMessage pong) {
        connection.ifPresent(Connection::heard);
    }

    /** May come while another method runs, and may not come at all. */
    @OnClose
    public void close(CloseReason reason) {
        connection.ifPresent(Connection::gone);
    }

    /** A client that breaks off is nothing to tell an operator. */
    @OnError
    public void error(Throwable error) {
        LOG.debug("A socket failed", error);
    }
}
