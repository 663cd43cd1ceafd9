package dev.sluice.realtime.centrifugo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestServer;
import java.time.Duration;

/** A client of the protocol, frame by frame. Used by one thread. */
record Client(RawWebSocket socket) implements AutoCloseable {
    static final String PATH = "/connection/websocket";

    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** A socket on which nothing was said yet. */
    static Client open(TestServer server) {
        return new Client(RawWebSocket.open(server.url(PATH)));
    }

    /** A client without a token, as the demo profile lets in. */
    static Client connected(TestServer server) {
        Client client = open(server);
        client.ask("{\"id\":1,\"connect\":{}}");
        return client;
    }

    /** Connects by a token, and gives the answer. */
    JsonNode connect(String token) {
        return ask("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}").path("connect");
    }

    JsonNode ask(int id, String method, String params) {
        return ask("{\"id\":" + id + ",\"" + method + "\":" + params + "}");
    }

    /** The answer; what else comes meanwhile is skipped. */
    JsonNode ask(String command) {
        socket.text(command);
        return expect("/id");
    }

    /** The next message that has this; pings are answered on the way. */
    JsonNode expect(String pointer) {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        JsonNode read = Json.parse(socket.readText());
        while (read.at(pointer).isMissingNode()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("no " + pointer + " comes; the last message was " + read);
            }
            if (read.isEmpty()) {
                socket.text("{}");
            }
            read = Json.parse(socket.readText());
        }
        return read;
    }

    int closeCode() {
        return socket.readToClose();
    }

    @Override
    public void close() {
        socket.close();
    }
}
