package dev.sluice.realtime.chat;

import dev.sluice.realtime.Acceptor;
import dev.sluice.realtime.SocketEndpoint;
import jakarta.websocket.server.ServerEndpoint;

/** A socket of Sluice's own protocol. Public for the container. */
@ServerEndpoint("/ws")
public final class ChatEndpoint extends SocketEndpoint {
    ChatEndpoint(Acceptor acceptor) {
        super(acceptor);
    }
}
