package dev.sluice.realtime.centrifugo;

import dev.sluice.realtime.Acceptor;
import dev.sluice.realtime.SocketEndpoint;
import jakarta.websocket.server.ServerEndpoint;

/** A socket that speaks Centrifugo's protocol. Public for the container. */
@ServerEndpoint("/connection/websocket")
public final class CentrifugoEndpoint extends SocketEndpoint {
    CentrifugoEndpoint(Acceptor acceptor) {
        super(acceptor);
    }
}
