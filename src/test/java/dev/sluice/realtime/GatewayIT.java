package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The plain gateway, as its clients see it. */
class GatewayIT {
    private static final int CROWD = 1_000;

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void whatOneSaysIsToldToAll() {
        try (RawWebSocket ann = Gateways.ready(server);
                RawWebSocket ben = Gateways.ready(server)) {
            ann.text(Gateways.message("join", "Ann", ""));
            expectChat(ann, "join", "Ann", "Ann joined");
            expectChat(ben, "join", "Ann", "Ann joined");
            ann.text(Gateways.message("message", "Ann", "hello \\ud834\\udd1e"));
            expectChat(ben, "message", "Ann", "hello \ud834\udd1e");
            ann.text(Gateways.message("leave", "Ann", ""));
            expectChat(ben, "leave", "Ann", "Ann left");
        }
    }

    @Test
    void whoGoesAwayHasLeft() {
        try (RawWebSocket ann = Gateways.ready(server);
                RawWebSocket ben = Gateways.ready(server);
                RawWebSocket carl = Gateways.ready(server)) {
            ann.text(Gateways.message("join", "Ann", ""));
            expectChat(carl, "join", "Ann", "Ann joined");
            ben.text(Gateways.message("join", "Ben", ""));
            expectChat(carl, "join", "Ben", "Ben joined");
            ann.sendClose(1000);
            expectChat(carl, "leave", "Ann", "Ann left");
            assertThat(ann.readToClose()).isEqualTo(1000);
            ben.reset();
            expectChat(carl, "leave", "Ben", "Ben left");
        }
    }

    @Test
    void ofACrowdThatBreaksOffTogetherSomeAreToldAndNobodyWaitsForThat() throws Exception {
        List<RawWebSocket> crowd = new ArrayList<>();
        try (TestServer crowded = TestServer.demo(database).start();
                RawWebSocket ann = Gateways.ready(crowded)) {
            for (int i = 0; i < CROWD; i++) {
                crowd.add(Gateways.ready(crowded));
                crowd.get(i).text(Gateways.message("join", "n" + i, ""));
                expectChat(ann, "join", "n" + i, "n" + i + " joined");
            }

            crowd.forEach(RawWebSocket::reset);

            await().until(() -> Gateways.figure(crowded, "open") == 1);
            ann.text(Gateways.message("message", "Ann", "still here"));
            assertThat(leaves(ann, "still here")).isPositive();
            assertThat(Gateways.metric(crowded, "sluice_connections_ended_total{reason=\"too-slow\""))
                    .isZero();
        } finally {
            crowd.forEach(RawWebSocket::close);
        }
    }

    /** How many are told to have left, up to this text. */
    private static int leaves(RawWebSocket socket, String last) {
        int leaves = 0;
        for (String text = socket.readText(); !text.contains(last); text = socket.readText()) {
            leaves += text.contains("\"leave\"") ? 1 : 0;
        }
        return leaves;
    }

    @Test
    void anEchoComesBackWithItsReference() {
        try (RawWebSocket socket = Gateways.open(server)) {
            socket.text("{\"type\":\"echo\",\"payload\":[1,{\"a\":1.5}],\"id\":\"x\"}");
            JsonNode echo = Json.parse(socket.readText());
            assertThat(echo.get("type").asText()).isEqualTo("echo");
            assertThat(echo.get("payload").toString()).isEqualTo("[1,{\"a\":1.5}]");
            assertThat(echo.get("ref").asText()).isEqualTo("x");
            assertThat(echo.get("ts").asLong()).isPositive();
        }
    }

    @Test
    void whatIsNoTextIsToldToNobody() {
        try (RawWebSocket socket = Gateways.open(server)) {
            for (String text : List.of("a\\u0000b", "a\\ud834", "\\udd1eb")) {
                socket.text(Gateways.message("message", "Ann", text));
                assertThat(socket.readText()).contains("\"error\"").contains("bad_request");
            }
        }
    }

    @Test
    void whatIsTooLongIsRefusedAndNotCut() {
        try (RawWebSocket socket = Gateways.open(server)) {
            socket.text(Gateways.message("message", "Ann", "\ud834\udd1e".repeat(2001)));
            assertThat(socket.readText()).contains("\"error\"").contains("too_long");
            socket.text(Gateways.message("message", "A".repeat(51), "short"));
            assertThat(socket.readText()).contains("\"error\"").contains("too_long");
            socket.text(Gateways.message("message", "Ann", "\ud834\udd1e".repeat(2000)));
            expectChat(socket, "message", "Ann", "\ud834\udd1e".repeat(2000));
        }
    }

    @Test
    void whoIsSignedInSpeaksAsNobodyElse() throws Exception {
        String token = Gateways.login(server, "alice").path("accessToken").asText();
        try (RawWebSocket ben = Gateways.ready(server);
                RawWebSocket alice = Gateways.ready(server, "Authorization: Bearer " + token)) {
            String name = says(alice, ben, "message");
            assertThat(name).isNotEmpty().isNotEqualTo("Ben");
            assertThat(says(alice, ben, "join")).isEqualTo(name);
            assertThat(says(alice, ben, "message")).isEqualTo(name);
            assertThat(says(alice, ben, "leave")).isEqualTo(name);
        }
    }

    /** As whom somebody is heard who says to be Ben. */
    private static String says(RawWebSocket speaker, RawWebSocket listener, String kind) {
        speaker.text(Gateways.message(kind, "Ben", "hello"));
        return Json.parse(listener.readText("\"chat\"")).at("/payload/user").asText();
    }

    @Test
    void whatIsSaidInJoiningOrLeavingIsToldAsItIs() {
        try (RawWebSocket ann = Gateways.open(server);
                RawWebSocket ben = Gateways.ready(server)) {
            ann.text(Gateways.message("leave", "Ann", "never came"));
            expectChat(ben, "leave", "Ann", "never came");
            ann.text(Gateways.message("join", "Ann", "here I am"));
            expectChat(ben, "join", "Ann", "here I am");
        }
    }

    @Test
    void errorsNameTheMessageThatTheyAreAbout() {
        try (RawWebSocket socket = Gateways.open(server)) {
            for (String wrong : new String[] {
                "{\"id\":7,\"type\":\"nothing\"}",
                "{\"id\":7,\"payload\":{}}",
                "{\"id\":7,\"type\":\"message\",\"payload\":{\"type\":\"nothing\"}}"
            }) {
                socket.text(wrong);
                assertThat(Json.parse(socket.readText("\"error\"")).path("ref").asInt())
                        .as(wrong)
                        .isEqualTo(7);
            }
        }
    }

    @Test
    void namesOfWhatCannotBeShownAreRefused() {
        try (RawWebSocket socket = Gateways.open(server)) {
            for (String name : new String[] {"a\\u0000b", "a\\nb", "a\\u202eb", "a\\u2067b", "a\\ud800b"}) {
                for (String kind : new String[] {"join", "message"}) {
                    socket.text(Gateways.message(kind, name, "hello"));
                    assertThat(socket.readText())
                            .as(kind + " " + name)
                            .contains("\"error\"")
                            .contains("bad_request");
                }
            }
        }
    }

    @Test
    void whatMakesNoSenseIsAnsweredWithAnError() {
        try (RawWebSocket socket = Gateways.open(server)) {
            for (String nonsense : new String[] {
                "x",
                "[]",
                "{\"type\":\"message\"}",
                "{\"type\":\"nothing\"}",
                "{\"type\":\"a\",\"type\":\"a\"}",
                "[".repeat(9999)
            }) {
                socket.text(nonsense);
                assertThat(Json.parse(socket.readText()).get("type").asText())
                        .as(nonsense)
                        .isEqualTo("error");
            }
            Gateways.echo(socket);
        }
    }

    @Test
    void theClientOfTheJdkWorks() throws Exception {
        BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        WebSocket socket = Gateways.HTTP
                .newWebSocketBuilder()
                .buildAsync(URI.create(server.url(Gateways.PATH).replace("http:", "ws:")), new Collector(texts))
                .get(30, TimeUnit.SECONDS);
        String large = "y".repeat(1500);
        socket.sendText(Gateways.message("message", "Jay", large), true).join();
        assertThat(texts.poll(30, TimeUnit.SECONDS)).contains(large);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        await().until(socket::isInputClosed);
    }

    @Test
    void pathsWithoutAnUpgradeSayWhatIsThere() throws Exception {
        var answer = Gateways.get(server, Gateways.PATH);
        assertThat(answer.statusCode()).isEqualTo(426);
        assertThat(answer.headers().firstValue("Upgrade")).contains("websocket");
        assertThat(Json.parse(answer.body()).get("code").asText()).isEqualTo("upgrade_required");
        assertThat(RawWebSocket.connect(server.url("/ws/none"), 0).handshake()).startsWith("HTTP/1.1 404");
    }

    @Test
    void anAdminAnnouncesSomethingToAll() throws Exception {
        try (RawWebSocket ann = Gateways.ready(server);
                RawWebSocket ben = Gateways.ready(server)) {
            String body = "{\"text\":\"back at \\u0041ight\"}";
            JsonNode told =
                    Gateways.post(server, "/api/announcements", body, "Authorization", "Bearer secret-admin-123");
            assertThat(told.get("told").asInt()).isGreaterThanOrEqualTo(2);
            for (RawWebSocket socket : new RawWebSocket[] {ann, ben}) {
                JsonNode frame = Json.parse(socket.readText("announcement"));
                assertThat(frame.get("payload").toString()).isEqualTo("{\"text\":\"back at Aight\"}");
            }
            JsonNode refused =
                    Gateways.post(server, "/api/announcements", body, "Authorization", "Bearer secret-user-123");
            assertThat(refused.get("code").asText()).isEqualTo("forbidden");
        }
    }

    @Test
    void noExtensionIsAccepted() {
        try (RawWebSocket socket =
                Gateways.open(server, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")) {
            assertThat(socket.handshake()).doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
            Gateways.echo(socket);
        }
    }

    /** Leaves are told a little later: not to those of the next test. */
    @AfterEach
    void awaitLeaves() {
        await().until(() -> Gateways.figure(server, "open") == 0);
        try (RawWebSocket watcher = Gateways.ready(server)) {
            try (RawWebSocket last = Gateways.ready(server)) {
                last.text(Gateways.message("join", "last", ""));
                watcher.readText("last joined");
            }
            watcher.readText("last left");
        }
    }

    private static void expectChat(RawWebSocket socket, String kind, String user, String text) {
        JsonNode payload = Json.parse(socket.readText("\"chat\"")).get("payload");
        assertThat(payload.get("type").asText()).isEqualTo(kind);
        assertThat(payload.get("user").asText()).isEqualTo(user);
        assertThat(payload.get("text").asText()).isEqualTo(text);
        assertThat(payload.get("timestamp").asLong()).isPositive();
    }

    private static final class Collector implements WebSocket.Listener {
        private final BlockingQueue<String> texts;
        private final StringBuilder parts = new StringBuilder();

        Collector(BlockingQueue<String> texts) {
            this.texts = texts;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            parts.append(part);
            if (last) {
                texts.add(parts.toString());
                parts.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }
}
