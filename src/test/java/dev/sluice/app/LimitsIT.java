package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.settings.Setting;
import dev.sluice.settings.Settings;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Walks all limits of channels and sockets: each is a setting, is reached, and says so to the client in its own way. What
 * is left as it was, and what becomes of others, is shown by the tests of each.
 */
class LimitsIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    /** Settings of channels and sockets that bound nothing. */
    private static final Set<String> NO_LIMITS =
            Set.of("realtime.heartbeat", "realtime.permission-cache", "realtime.token-secret");

    /** Those that one server can have at once. */
    private static final Set<String> SHARED = Set.of(
            "realtime.per-user",
            "realtime.frame-bytes",
            "realtime.channels-per-connection",
            "chat.room-members",
            "chat.name-length",
            "chat.text-length");

    private static TestDatabase database;
    private static TestServer shared;

    /** A limit, a value that is soon reached, and what the client is told: a close code, or an error's code. */
    private enum Limit {
        CONNECTIONS("realtime.max-connections", "1", "1013") {
            @Override
            String reach(Node node) {
                node.open();
                return node.connect().close();
            }
        },
        OF_A_USER("realtime.per-user", "1", "1013") {
            @Override
            String reach(Node node) {
                String user = "Authorization: Bearer secret-user-123";
                node.open(user);
                return node.connect(user).close();
            }
        },
        OF_AN_ADDRESS("realtime.per-address", "1", "1013") {
            @Override
            String reach(Node node) {
                node.open();
                return node.connect().close();
            }
        },
        MESSAGES("realtime.message-rate", "1/h", "too_many_requests") {
            @Override
            String reach(Node node) {
                Peer peer = node.open();
                peer.ask("ping", "{}");
                return peer.ask("ping", "{}").code();
            }
        },
        PUBLICATIONS("realtime.publish-rate", "1/h", "too_many_requests") {
            @Override
            String reach(Node node) {
                Peer peer = node.open();
                peer.publish("live:a", "1");
                return peer.publish("live:a", "2").code();
            }
        },
        SIGN_OF_LIFE("realtime.pong-timeout", "500ms", "1001") {
            @Override
            String reach(Node node) {
                return node.open().close();
            }
        },
        SIGN_IN("realtime.auth-timeout", "500ms", "4001") {
            @Override
            boolean isOfTheDemo() {
                return false;
            }

            @Override
            String reach(Node node) {
                return node.connect().close();
            }
        },
        MESSAGE_BYTES("realtime.frame-bytes", "20K", "1009") {
            @Override
            String reach(Node node) {
                Peer peer = node.open();
                peer.socket.text(" ".repeat(21 * 1024));
                return peer.close();
            }
        },
        UNFINISHED_BYTES("realtime.incoming-bytes", "1K", "1013") {
            @Override
            String reach(Node node) {
                Peer peer = node.open();
                peer.socket.frame(false, 0, RawWebSocket.TEXT, new byte[1025]);
                return peer.close();
            }
        },
        WAITING_MESSAGES("realtime.outbox-messages", "1", "3008") {
            @Override
            String reach(Node node) {
                return node.fill(20_000);
            }
        },
        WAITING_BYTES("realtime.outbox-bytes", "30K", "3008") {
            @Override
            String reach(Node node) {
                return node.fill(20_000);
            }
        },
        WRITES("realtime.outbox-age", "500ms", "3008, or the connection breaks") {
            @Override
            void prepare(TestServer.Builder builder) {
                builder.set("realtime.outbox-bytes", "1G");
            }

            @Override
            String reach(Node node) {
                String code = node.fill(20_000);
                return code.equals("3008") || code.equals("1006") ? told : code;
            }
        },
        CHANNELS("realtime.max-channels", "1", "too_many_channels") {
            @Override
            String reach(Node node) {
                node.open().ask("channel:subscribe", "{\"channel\":\"live:a\"}");
                return node.open()
                        .ask("channel:subscribe", "{\"channel\":\"live:b\"}")
                        .code();
            }
        },
        STORED_CHANNELS("realtime.max-stored-channels", "1", "too_many_channels") {
            @Override
            String reach(Node node) {
                Peer peer = node.open();
                peer.publish("demo:a", "1");
                return peer.publish("demo:b", "1").code();
            }
        },
        CHANNELS_OF_A_CONNECTION("realtime.channels-per-connection", "1", "limit_exceeded") {
            @Override
            String reach(Node node) {
                Peer peer = node.open();
                peer.ask("channel:subscribe", "{\"channel\":\"live:a\"}");
                return peer.ask("channel:subscribe", "{\"channel\":\"live:b\"}").code();
            }
        },
        ROOMS("chat.max-rooms", "1", "too_many_rooms") {
            @Override
            String reach(Node node) {
                node.open().ask("chat:join", "{\"room\":\"a\"}");
                return node.open().ask("chat:join", "{\"room\":\"b\"}").code();
            }
        },
        MEMBERS("chat.room-members", "1", "room_full") {
            @Override
            String reach(Node node) {
                node.open().ask("chat:join", "{\"room\":\"few\"}");
                return node.open().ask("chat:join", "{\"room\":\"few\"}").code();
            }
        },
        NAMES("chat.name-length", "3", "too_long") {
            @Override
            String reach(Node node) {
                Peer peer = node.open();
                assertThat(peer.greeting.path("nameLength").asInt()).isEqualTo(3);
                assertThat(peer.ask("chat:join", "{\"name\":\"Bea\",\"room\":\"abc\"}")
                                .type())
                        .isEqualTo("chat:joined");
                assertThat(peer.ask("chat:join", "{\"room\":\"four\"}").code()).isEqualTo("too_long");
                return peer.ask("chat:join", "{\"name\":\"Anna\"}").code();
            }
        },
        TEXTS("chat.text-length", "5", "too_long") {
            @Override
            String reach(Node node) {
                Peer peer = node.open();
                assertThat(peer.greeting.path("textLength").asInt()).isEqualTo(5);
                peer.ask("chat:join", "{\"room\":\"txt\"}");
                assertThat(peer.ask("chat:message", "{\"text\":\"hello\"}").type())
                        .isEqualTo("ok");
                assertThat(peer.publish("room:txt", "{\"text\":\"hello!\"}").code())
                        .isEqualTo("bad_request");
                return peer.ask("chat:message", "{\"text\":\"hello!\"}").code();
            }
        };

        final String setting;
        final String value;
        final String told;

        Limit(String setting, String value, String told) {
            this.setting = setting;
            this.value = value;
            this.told = told;
        }

        boolean isOfTheDemo() {
            return true;
        }

        /** Whether it gets in nobody's way, so that one server can have all that are so. */
        boolean isShared() {
            return SHARED.contains(setting);
        }

        /** Where another limit would be reached before. */
        void prepare(TestServer.Builder builder) {}

        abstract String reach(Node node);
    }

    private static final String TOO_SLOW = "sluice_connections_ended_total{reason=\"too-slow\"";

    @BeforeAll
    static void create() {
        database = TestDatabase.create();
        TestServer.Builder builder = TestServer.demo(database);
        Arrays.stream(Limit.values()).filter(Limit::isShared).forEach(limit -> builder.set(limit.setting, limit.value));
        shared = builder.start();
    }

    @AfterAll
    static void drop() {
        shared.close();
        database.close();
    }

    @ParameterizedTest
    @EnumSource(Limit.class)
    void eachIsReachedAndTold(Limit limit) {
        try (Node node = Node.with(limit)) {
            assertThat(limit.reach(node)).isEqualTo(limit.told);
        }
    }

    @Test
    void everySettingIsWalkedOrBoundsNothing() {
        Set<String> known = new HashSet<>(NO_LIMITS);
        Arrays.stream(Limit.values()).forEach(limit -> known.add(limit.setting));
        Set<String> all = Settings.all().stream()
                .map(Setting::name)
                .filter(name -> name.startsWith("realtime.") || name.startsWith("chat."))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(known).containsExactlyInAnyOrderElementsOf(all);
    }

    /** What a client is told, as {@code /ws} says it. */
    private record Answer(String type, JsonNode payload) {
        String code() {
            return payload.path("code").asText(type);
        }
    }

    /** A client on {@code /ws}. */
    private record Peer(RawWebSocket socket, JsonNode greeting) {
        Answer ask(String type, String payload) {
            socket.text("{\"type\":\"" + type + "\",\"id\":\"asked\",\"payload\":" + payload + "}");
            // Where a message is refused before it is read, nobody knows its id.
            return Stream.generate(() -> Json.parse(socket.readText()))
                    .filter(frame -> frame.path("ref").asText().equals("asked")
                            || frame.path("type").asText().equals("error"))
                    .map(frame -> new Answer(frame.path("type").asText(), frame.path("payload")))
                    .findFirst()
                    .orElseThrow();
        }

        Answer publish(String channel, String data) {
            return ask("channel:publish", "{\"channel\":\"" + channel + "\",\"data\":" + data + "}");
        }

        /** The code that it is closed with; 1006 where the connection only breaks. */
        String close() {
            return String.valueOf(socket.readToClose());
        }
    }

    /** A server with one small limit, and its clients. */
    private static final class Node implements AutoCloseable {
        private final List<RawWebSocket> sockets = new ArrayList<>();
        private final TestServer server;

        private Node(TestServer server) {
            this.server = server;
        }

        static Node with(Limit limit) {
            if (limit.isShared()) {
                return new Node(shared);
            }
            TestServer.Builder builder = limit.isOfTheDemo() ? TestServer.demo(database) : TestServer.with(database);
            builder.set("realtime.heartbeat", "1s").set(limit.setting, limit.value);
            limit.prepare(builder);
            return new Node(builder.start());
        }

        Peer open(String... headers) {
            Peer peer = connect(headers);
            return new Peer(
                    peer.socket, Json.parse(peer.socket.readText("connected")).path("payload"));
        }

        Peer connect(String... headers) {
            RawWebSocket socket = RawWebSocket.open(server.url("/ws"), headers);
            sockets.add(socket);
            return new Peer(socket, Json.parse("{}"));
        }

        /**
         * Publishes until a client that reads nothing is let go. What was on its way to it then it may still take, and
         * gets the close frame; but if that was on its way for too long, the connection breaks.
         */
        String fill(int most) {
            Peer deaf = open();
            deaf.ask("channel:subscribe", "{\"channel\":\"live:much\"}");
            HttpRequest publish = HttpRequest.newBuilder(URI.create(server.url("/api/publish")))
                    .header("Authorization", "Bearer secret-admin-123")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"channel\":\"live:much\",\"data\":\"" + "x".repeat(50_000) + "\"}",
                            StandardCharsets.US_ASCII))
                    .build();
            for (int i = 0; i < most; i++) {
                send(publish);
                if (isCounted()) {
                    return deaf.close();
                }
            }
            return "nothing";
        }

        private boolean isCounted() {
            return send(HttpRequest.newBuilder(URI.create(server.url("/metrics")))
                            .build())
                    .lines()
                    .anyMatch(line -> line.startsWith(TOO_SLOW) && !line.endsWith(" 0.0"));
        }

        private static String send(HttpRequest request) {
            try {
                HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                return answer.body();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            sockets.forEach(RawWebSocket::close);
            if (!server.equals(shared)) {
                server.close();
            }
        }
    }
}
