package dev.sluice.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.broker.Position;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A client of one of the protocols that have channels, as far as a test under load needs it. What it says fails with an
 * {@link AssertionError} or an {@link java.io.UncheckedIOException} when the connection has ended. Used by one thread; may be
 * closed by another.
 */
abstract class LoadClient implements AutoCloseable {
    private final RawWebSocket socket;
    private int lastId;

    private LoadClient(RawWebSocket socket) {
        this.socket = socket;
    }

    /** A publication: its place and its data, a text. */
    record Heard(long offset, String text) {}

    /** What a subscription was answered. */
    record Begun(Position position, boolean recovered, List<Heard> missed) {}

    /** The ways to connect to a server. */
    enum Form {
        PLAIN {
            @Override
            LoadClient open(String url) {
                return new Plain(RawWebSocket.open(url + "ws"));
            }
        },
        CENTRIFUGO {
            @Override
            LoadClient open(String url) {
                return new Centrifugo(RawWebSocket.open(url + "connection/websocket"));
            }
        };

        /** @param url with a slash at its end */
        abstract LoadClient open(String url);
    }

    /** Subscribes; recovers what came after a position, where one is given. */
    abstract Begun subscribe(String channel, Optional<Position> since);

    /** Publishes a text and waits; gives whether that was acknowledged, rather than refused. */
    abstract boolean publish(String channel, String text);

    /** Waits for the next publication. */
    abstract Heard next();

    String nextId() {
        return String.valueOf(++lastId);
    }

    void say(String message) {
        socket.text(message);
    }

    static List<Heard> publications(JsonNode answer) {
        List<Heard> read = new ArrayList<>();
        answer.path("publications").forEach(one -> read.add(heard(one)));
        return read;
    }

    static Heard heard(JsonNode publication) {
        return new Heard(
                publication.path("offset").asLong(), publication.path("data").asText());
    }

    static Position position(JsonNode answer) {
        return new Position(answer.path("epoch").asText(), answer.path("offset").asLong());
    }

    @Override
    public void close() {
        socket.close();
    }

    /** The next message that is what is waited for. */
    JsonNode expect(Predicate<JsonNode> wanted) {
        JsonNode message = Json.parse(socket.readText());
        while (!wanted.test(message)) {
            if (isEnd(message)) {
                throw new AssertionError("unsubscribed: " + message);
            }
            if (message.isEmpty()) {
                // A sign of life is asked for.
                say("{}");
            }
            message = Json.parse(socket.readText());
        }
        return message;
    }

    /** Whether a message says that a subscription has ended. */
    abstract boolean isEnd(JsonNode message);

    private static final class Plain extends LoadClient {
        Plain(RawWebSocket socket) {
            super(socket);
            expectType("connected");
        }

        @Override
        Begun subscribe(String channel, Optional<Position> since) {
            String recovery = since.map(
                            one -> ",\"since\":" + Json.text(Map.of("epoch", one.epoch(), "offset", one.offset())))
                    .orElse("");
            say("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"" + channel + "\"" + recovery + "}}");
            JsonNode answer = expectType("channel:subscribed").path("payload");
            return new Begun(position(answer), answer.path("recovered").asBoolean(), publications(answer));
        }

        @Override
        boolean publish(String channel, String text) {
            String id = nextId();
            say("{\"type\":\"channel:publish\",\"id\":\"" + id + "\",\"payload\":{\"channel\":\"" + channel
                    + "\",\"data\":\"" + text + "\"}}");
            JsonNode answer = expect(message -> message.path("ref").asText().equals(id));
            return answer.path("type").asText().equals("ok");
        }

        @Override
        Heard next() {
            return heard(expectType("channel:message").path("payload"));
        }

        @Override
        boolean isEnd(JsonNode message) {
            return is(message, "channel:unsubscribed");
        }

        private JsonNode expectType(String type) {
            return expect(message -> is(message, type));
        }

        private static boolean is(JsonNode message, String type) {
            return message.path("type").asText().equals(type);
        }
    }

    private static final class Centrifugo extends LoadClient {
        Centrifugo(RawWebSocket socket) {
            super(socket);
            ask("connect", "{}");
        }

        @Override
        Begun subscribe(String channel, Optional<Position> since) {
            String recovery = since.map(
                            one -> ",\"recover\":true,\"epoch\":\"" + one.epoch() + "\",\"offset\":" + one.offset())
                    .orElse("");
            JsonNode answer = ask("subscribe", "{\"channel\":\"" + channel + "\"" + recovery + "}");
            if (answer.has("error")) {
                throw new AssertionError("refused: " + answer);
            }
            JsonNode begun = answer.path("subscribe");
            return new Begun(position(begun), begun.path("recovered").asBoolean(), publications(begun));
        }

        @Override
        boolean publish(String channel, String text) {
            return ask("publish", "{\"channel\":\"" + channel + "\",\"data\":\"" + text + "\"}")
                    .has("publish");
        }

        @Override
        Heard next() {
            return heard(expect(message -> message.at("/push").has("pub")).at("/push/pub"));
        }

        @Override
        boolean isEnd(JsonNode message) {
            return message.at("/push").has("unsubscribe");
        }

        private JsonNode ask(String method, String params) {
            String id = nextId();
            say("{\"id\":" + id + ",\"" + method + "\":" + params + "}");
            return expect(message -> message.path("id").asText().equals(id));
        }
    }
}
