package dev.sluice.realtime;

import dev.sluice.flow.Frame;
import java.util.Optional;

/** What all connections of one path have in common. Thread-safe. */
public interface Dialect {
    /** The endpoint class; its {@code @ServerEndpoint} names the path. */
    Class<? extends SocketEndpoint> type();

    /** Makes the endpoint of one connection. */
    SocketEndpoint endpoint(Acceptor acceptor);

    /** Makes a connection's protocol; nothing is sent yet. */
    Protocol open(Connection connection);

    /** Whether clients say in their first message who they are and all that they want: then it may be as large as any. */
    default boolean beginsAtOnce() {
        return false;
    }

    /** What asks for a sign of life; any message of the client is one. */
    default Frame heartbeat() {
        return Frame.PING;
    }

    /** The close code of an ending. */
    default int code(Ending ending) {
        return ending.code();
    }

    /** What people are told beside the code; at most 123 bytes. */
    default String reason(Ending ending) {
        return ending.reason();
    }

    /**
     * What is told to all, as this dialect says it.
     *
     * @param json the announcement, an object
     */
    default Optional<Frame> announcement(String json) {
        return Optional.empty();
    }
}
