package dev.sluice.realtime;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.util.Optional;

/** Makes the connections of one path. Handed to its endpoints, which can do nothing else with it. Thread-safe. */
public final class Acceptor {
    private final Sockets sockets;
    private final Dialect dialect;

    Acceptor(Sockets sockets, Dialect dialect) {
        this.sockets = sockets;
        this.dialect = dialect;
    }

    /** Lets a socket in, or closes it: without room it is told so, and nobody else hears of it. */
    Optional<Connection> accept(Session session) {
        if (!(session.getUserPrincipal() instanceof Handshake handshake)) {
            throw new IllegalStateException("a socket without the filter in front");
        }
        sockets.upgrades().opened();
        Optional<Ending> refusal = refusal(handshake);
        if (refusal.isPresent()) {
            close(session, refusal.get());
            return Optional.empty();
        }
        Connection connection = connect(session, handshake);
        sockets.metrics().opened();
        connection.open();
        if (sockets.registry().isClosed()) {
            // The drain began meanwhile and may not have seen it.
            connection.close(Ending.SHUTDOWN);
        }
        return Optional.of(connection);
    }

    private Optional<Ending> refusal(Handshake handshake) {
        if (handshake.refused()) {
            return refused(Ending.UNAUTHENTICATED);
        }
        return switch (sockets.registry().admit(handshake)) {
            case ADMITTED -> Optional.empty();
            case CLOSED -> Optional.of(Ending.SHUTDOWN);
            case FULL -> refused(Ending.FULL);
            case USER_FULL -> refused(Ending.USER_FULL);
        };
    }

    private Optional<Ending> refused(Ending ending) {
        sockets.metrics().refused(ending);
        return Optional.of(ending);
    }

    private Connection connect(Session session, Handshake handshake) {
        try {
            Connection connection = new Connection(sockets, dialect, session, handshake);
            sockets.registry().register(connection);
            return connection;
        } catch (RuntimeException e) {
            sockets.registry().release(handshake);
            close(session, Ending.BROKEN);
            throw e;
        }
    }

    private void close(Session session, Ending ending) {
        CloseReason reason = SocketWire.reason(dialect.code(ending), dialect.reason(ending));
        sockets.upgrades().close(session, reason, SocketWire.CLOSE_MILLIS);
    }
}
