package dev.sluice.realtime.gateway;

import dev.sluice.realtime.Acceptor;
import dev.sluice.realtime.SocketEndpoint;
import jakarta.websocket.server.ServerEndpoint;

/** A socket of the plain gateway. Public for the container. */
@ServerEndpoint("/ws/gateway")
public final class GatewayEndpoint extends SocketEndpoint {
    GatewayEndpoint(Acceptor acceptor) {
        super(acceptor);
    }
}
