package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Centrifugo's protocol, frame by frame. Each test has channels of its own. */
class CentrifugoIT {
    private static final String SECRET = "the secret of an application, long enough";

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("realtime.token-secret", SECRET)
                .set("realtime.auth-timeout", "5s")
                .set("realtime.channels-per-connection", "5")
                .set("namespace.closed.subscribe", "role:nobody")
                .set("namespace.few.subscribe", "public")
                .set("namespace.few.publish", "public")
                .set("namespace.few.history-size", "2")
                .set("namespace.secret.subscribe", "token")
                .set("namespace.inner.subscribe", "public")
                .set("namespace.inner.publish", "subscriber")
                .set("namespace.inner.history-size", "100")
                .set("namespace.inner.presence", "true")
                .set("realtime.message-rate", "100/s")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void aClientConnects() {
        try (Client client = open()) {
            JsonNode connect = client.ask("{\"id\":1,\"connect\":{\"name\":\"js\",\"subs\":{}}}")
                    .path("connect");
            assertThat(connect.path("client").asText()).hasSize(36);
            assertThat(connect.path("ping").asInt()).isEqualTo(30);
            assertThat(connect.path("pong").asBoolean()).isTrue();
            assertThat(connect.path("session").asText())
                    .hasSize(36)
                    .isNotEqualTo(connect.path("client").asText());
            assertThat(connect.has("expires")).isFalse();
        }
    }

    @Test
    void whatOnePublishesTheOthersHear() {
        try (Client ann = connected();
                Client ben = connected()) {
            JsonNode first = ann.ask(2, "subscribe", "{\"channel\":\"demo:hear\",\"join_leave\":true}");
            assertThat(first.at("/subscribe/recoverable").asBoolean()).isTrue();
            assertThat(first.at("/subscribe/offset").asLong()).isZero();
            String epoch = first.at("/subscribe/epoch").asText();
            assertThat(epoch).isNotEmpty();
            ann.expect("/push/join/info/client");
            ben.ask(2, "subscribe", "{\"channel\":\"demo:hear\"}");
            ann.expect("/push/join/info/client");
            ben.socket()
                    .text("{\"id\":3,\"publish\":{\"channel\":\"demo:hear\",\"data\":{\"a\":[1.50,\"\\u00e9\\n\"]}}}");
            JsonNode push = ann.expect("/push/pub").path("push");
            assertThat(push.path("channel").asText()).isEqualTo("demo:hear");
            assertThat(push.at("/pub/data/a/1").asText()).isEqualTo("\u00e9\n");
            assertThat(push.at("/pub/offset").asLong()).isEqualTo(1);
            assertThat(push.at("/pub/info/client").asText()).isNotEmpty();
            assertThat(ben.expect("/publish").path("id").asInt()).isEqualTo(3);
            JsonNode presence = ann.ask(4, "presence", "{\"channel\":\"demo:hear\"}");
            assertThat(presence.at("/presence/presence")).hasSize(2);
            JsonNode stats = ann.ask(5, "presence_stats", "{\"channel\":\"demo:hear\"}");
            assertThat(stats.at("/presence_stats/num_clients").asInt()).isEqualTo(2);
            ben.ask(6, "unsubscribe", "{\"channel\":\"demo:hear\"}");
            ann.expect("/push/leave/info/client");
        }
    }

    @Test
    void historyComesInPages() {
        try (Client client = connected()) {
            for (int i = 1; i <= 5; i++) {
                client.ask(i + 1, "publish", "{\"channel\":\"demo:pages\",\"data\":" + i + "}");
            }
            JsonNode top = history(client, "{\"channel\":\"demo:pages\"}");
            assertThat(top.path("offset").asLong()).isEqualTo(5);
            assertThat(top.path("publications")).isEmpty();
            String epoch = top.path("epoch").asText();
            assertThat(offsets(history(client, "{\"channel\":\"demo:pages\",\"limit\":-1}")))
                    .containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(offsets(history(client, "{\"channel\":\"demo:pages\",\"limit\":2,\"reverse\":true}")))
                    .containsExactly(5L, 4L);
            String since = "\"since\":{\"offset\":3,\"epoch\":\"" + epoch + "\"}";
            assertThat(offsets(history(client, "{\"channel\":\"demo:pages\",\"limit\":10," + since + "}")))
                    .containsExactly(4L, 5L);
            assertThat(offsets(history(
                            client, "{\"channel\":\"demo:pages\",\"limit\":10,\"reverse\":true," + since + "}")))
                    .containsExactly(2L, 1L);
        }
    }

    @Test
    void whatWasMissedIsRecoveredOrItIsSaidThatItIsNot() {
        try (Client client = connected()) {
            String epoch = client.ask(2, "subscribe", "{\"channel\":\"few:a\"}")
                    .at("/subscribe/epoch")
                    .asText();
            client.ask(3, "unsubscribe", "{\"channel\":\"few:a\"}");
            client.ask(4, "publish", "{\"channel\":\"few:a\",\"data\":1}");
            client.ask(5, "publish", "{\"channel\":\"few:a\",\"data\":2}");
            JsonNode recovered = recover(client, 6, epoch, 0);
            assertThat(recovered.path("recovered").asBoolean()).isTrue();
            assertThat(offsets(recovered)).containsExactly(1L, 2L);
            client.ask(7, "publish", "{\"channel\":\"few:a\",\"data\":3}");
            JsonNode lost = recover(client, 8, epoch, 0);
            assertThat(lost.path("was_recovering").asBoolean()).isTrue();
            assertThat(lost.path("recovered").asBoolean()).isFalse();
            assertThat(lost.path("publications")).isEmpty();
            assertThat(lost.path("offset").asLong()).isEqualTo(3);
            assertThat(recover(client, 10, "another", 3).path("recovered").asBoolean())
                    .isFalse();
            JsonNode ofAny = recover(client, 12, "", 1);
            assertThat(ofAny.path("recovered").asBoolean()).isTrue();
            assertThat(offsets(ofAny)).containsExactly(2L, 3L);
            assertThat(recover(client, 14, "", 4).path("recovered").asBoolean()).isFalse();
        }
    }

    @Test
    void errorsHaveTheirCodes() {
        try (Client client = connected()) {
            client.ask(2, "subscribe", "{\"channel\":\"live:a\"}");
            expectError(client, 102, "subscribe", "{\"channel\":\"nowhere:a\"}");
            expectError(client, 103, "subscribe", "{\"channel\":\"closed:a\"}");
            expectError(client, 103, "publish", "{\"channel\":\"closed:a\",\"data\":{}}");
            expectError(client, 103, "subscribe", "{\"channel\":\"secret:a\",\"token\":\"x.y.z\"}");
            expectError(client, 104, "dance", "{}");
            expectError(client, 104, "rpc", "{\"method\":\"dance\"}");
            expectError(client, 105, "subscribe", "{\"channel\":\"live:a\"}");
            expectError(client, 107, "subscribe", "{\"channel\":\"a b\"}");
            expectError(client, 107, "subscribe", "{}");
            expectError(client, 107, "publish", "{\"channel\":\"live:a\"}");
            for (String limit : List.of("-2", "4294967295", "1.5", "\"5\"")) {
                expectError(client, 107, "history", "{\"channel\":\"demo:a\",\"limit\":" + limit + "}");
            }
            expectError(client, 107, "refresh", "{}");
            expectError(client, 108, "history", "{\"channel\":\"live:a\"}");
            expectError(client, 108, "sub_refresh", "{\"channel\":\"live:none\",\"token\":\"x\"}");
            expectError(
                    client,
                    109,
                    "subscribe",
                    "{\"channel\":\"secret:a\",\"token\":\"" + token(Map.of("channel", "secret:a", "sub", ""), -10)
                            + "\"}");
            expectError(
                    client,
                    110,
                    "subscribe",
                    "{\"channel\":\"secret:a\",\"token\":\""
                            + token(Map.of("channel", "secret:a", "sub", "", "expire_at", 1000), 60) + "\"}");
            expectError(
                    client,
                    112,
                    "history",
                    "{\"channel\":\"demo:a\",\"limit\":1,\"since\":{\"offset\":1,\"epoch\":\"none\"}}");
            for (int i = 0; i < 4; i++) {
                client.ask(50 + i, "subscribe", "{\"channel\":\"live:" + i + "\"}");
            }
            expectError(client, 106, "subscribe", "{\"channel\":\"live:more\"}");
        }
    }

    @Test
    void errorsHaveTheWordsOfCentrifugo() {
        try (Client client = connected()) {
            expectMessage(client, "unknown channel", "subscribe", "{\"channel\":\"nowhere:a\"}");
            expectMessage(client, "permission denied", "subscribe", "{\"channel\":\"closed:a\"}");
            expectMessage(client, "method not found", "rpc", "{\"method\":\"dance\"}");
            expectMessage(client, "bad request", "history", "{\"channel\":\"demo:a\",\"limit\":-2}");
            expectMessage(client, "not available", "history", "{\"channel\":\"live:a\"}");
            JsonNode error = client.ask(3, "subscribe", "{}").path("error");
            assertThat(error.path("message").asText()).isEqualTo("bad request");
            assertThat(error.path("detail").asText()).isEqualTo("A channel is needed.");
        }
    }

    private static void expectMessage(Client client, String message, String method, String params) {
        assertThat(client.ask(99, method, params).at("/error/message").asText())
                .as(method + params)
                .isEqualTo(message);
    }

    @Test
    void whatIsNoCommandEndsTheConnection() {
        for (String nonsense : new String[] {"x", "[]", "{\"connect\":{}}", "{\"id\":1,\"publish\":{}}", "{\"id\":1"}) {
            try (Client client = open()) {
                client.socket().text(nonsense);
                assertThat(client.closeCode()).as(nonsense).isEqualTo(3501);
            }
        }
        try (Client client = connected()) {
            client.socket().text("{\"id\":2,\"connect\":{}}");
            assertThat(client.closeCode()).isEqualTo(3501);
        }
        try (Client client = connected()) {
            client.socket().text("{}\n".repeat(600));
            assertThat(client.closeCode()).isEqualTo(3501);
        }
        try (Client client = connected()) {
            client.socket().frame(true, 0, RawWebSocket.BINARY, new byte[] {1});
            assertThat(client.closeCode()).isEqualTo(3506);
        }
    }

    @Test
    void manyErrorsEndTheConnection() {
        try (Client client = connected()) {
            for (int i = 2; i < 60; i++) {
                client.socket().text("{\"id\":" + i + ",\"dance\":{}}");
            }
            assertThat(client.closeCode()).isEqualTo(3509);
        }
    }

    @Test
    void whoComesBackSaysAllThatItWantsInItsFirstFrameAndNothingEndsBecauseItIsRefused() {
        String connect = "{\"id\":1,\"connect\":{}}\n";
        String large = connect + subscriptions(2, 102, "demo:" + "x".repeat(240));
        assertThat(large.length()).isGreaterThan(16 * 1024);
        try (TestServer roomy = TestServer.demo(database).start();
                RawWebSocket welcome = RawWebSocket.open(roomy.url("/connection/websocket"));
                RawWebSocket unwelcome = RawWebSocket.open(roomy.url("/connection/websocket"))) {
            welcome.text(large);
            unwelcome.text(connect + subscriptions(2, 102, "nowhere:"));
            for (int i = 1; i < 102; i++) {
                assertThat(welcome.readText()).doesNotContain("error");
                assertThat(unwelcome.readText()).contains(i == 1 ? "\"connect\"" : "\"code\":102");
            }
            unwelcome.text("{\"id\":200,\"ping\":{}}");
            assertThat(unwelcome.readText()).contains("200");
        }
    }

    private static String subscriptions(int from, int to, String prefix) {
        return IntStream.range(from, to)
                .mapToObj(id -> "{\"id\":" + id + ",\"subscribe\":{\"channel\":\"" + prefix + id + "\"}}")
                .collect(Collectors.joining("\n"));
    }

    @Test
    void aSocketThatSaysNothingIsStale() {
        try (Client client = open()) {
            assertThat(client.closeCode()).isEqualTo(3502);
        }
    }

    @Test
    void manyCommandsComeInOneFrameAndEachCounts() {
        try (Client client = connected()) {
            client.socket()
                    .text(IntStream.range(2, 510)
                            .mapToObj(id -> "{\"id\":" + id + ",\"ping\":{}}")
                            .collect(Collectors.joining("\n")));
            assertThat(Json.parse(client.socket().readText()).path("id").asInt())
                    .isEqualTo(2);
            JsonNode refused = Json.parse(client.socket().readText("error"));
            assertThat(refused.at("/error/code").asInt()).isEqualTo(111);
            assertThat(refused.at("/error/temporary").asBoolean()).isTrue();
        }
    }

    @Test
    void whatIsTooMuchIsRefusedAndWhoGoesOnMayComeAgain() {
        try (Client client = connected()) {
            for (int id = 2; id < 400; id++) {
                client.socket().text("{\"id\":" + id + ",\"ping\":{}}");
            }
            JsonNode refused = Json.parse(client.socket().readText("error"));
            assertThat(refused.at("/error/code").asInt()).isEqualTo(111);
            assertThat(refused.path("id").asInt()).isGreaterThan(100);
            assertThat(client.closeCode()).isEqualTo(3013);
        }
    }

    @Test
    void whatIsTooMuchInOneFrameIsRefusedAndEndsNothing() {
        try (Client client = connected()) {
            client.socket().text(frame(300, "\"rpc\":{\"method\":\"ping\"}"));
            int refused = 0;
            for (int i = 0; i < 300; i++) {
                refused += client.expect("/id").at("/error/code").asInt() == 111 ? 1 : 0;
            }
            assertThat(refused).isPositive();
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> client.ask(1000, "ping", "{}").has("ping"));
        }
    }

    @Test
    void aFrameOfTooManyCommandsEndsTheConnectionWhateverTheRate() {
        try (Client client = connected()) {
            client.socket().text(frame(513, "\"ping\":{}"));
            assertThat(client.closeCode()).isEqualTo(3501);
        }
    }

    private static String frame(int commands, String command) {
        return IntStream.range(2, 2 + commands)
                .mapToObj(id -> "{\"id\":" + id + "," + command + "}")
                .collect(Collectors.joining("\n"));
    }

    @Test
    void whatComesBehindASubscriptionKnowsOfIt() {
        try (Client client = connected()) {
            for (int round = 0; round < 10; round++) {
                String channel = "{\"channel\":\"inner:" + round + "\"";
                client.socket()
                        .text("{\"id\":2,\"subscribe\":" + channel + "}}\n"
                                + "{\"id\":3,\"presence_stats\":" + channel + "}}\n"
                                + "{\"id\":4,\"publish\":" + channel + ",\"data\":1}}\n"
                                + "{\"id\":5,\"publish\":" + channel + ",\"data\":2}}\n"
                                + "{\"id\":6,\"history\":" + channel + ",\"limit\":10}}");
                JsonNode answers = answers(client, 5);
                assertThat(answers.path("3").at("/presence_stats/num_clients").asInt())
                        .isEqualTo(1);
                assertThat(answers.path("4").has("publish")).isTrue();
                assertThat(answers.path("6").at("/history/publications").findValuesAsText("data"))
                        .containsExactly("1", "2");
                client.ask(7, "unsubscribe", channel + "}");
            }
        }
    }

    @Test
    void whoReadsFindsWhatItPublishedBefore() {
        try (Client client = connected()) {
            for (int round = 1; round <= 10; round++) {
                client.socket()
                        .text("{\"id\":2,\"publish\":{\"channel\":\"demo:own\",\"data\":1}}\n"
                                + "{\"id\":3,\"history\":{\"channel\":\"demo:own\",\"limit\":100}}");
                assertThat(answers(client, 2).path("3").at("/history/offset").asInt())
                        .isEqualTo(round);
            }
        }
    }

    @Test
    void aSubscriptionMayBeGivenUpAtOnceAndBegunAnew() {
        try (Client client = connected()) {
            String channel = "{\"channel\":\"demo:given-up\"}}";
            client.socket()
                    .text("{\"id\":2,\"subscribe\":" + channel + "\n{\"id\":3,\"unsubscribe\":" + channel
                            + "\n{\"id\":4,\"subscribe\":" + channel);
            JsonNode answers = answers(client, 3);
            // Whether it was there already is a matter of luck.
            assertThat(answers.path("2").at("/error/code").asInt()).isIn(0, 108);
            assertThat(answers.path("2").toString()).doesNotContain("connection has gone");
            assertThat(answers.path("3").has("unsubscribe")).isTrue();
            assertThat(answers.path("4").has("subscribe")).isTrue();
        }
    }

    /** So many of them, by their numbers. */
    private static JsonNode answers(Client client, int count) {
        ObjectNode answers = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < count; i++) {
            JsonNode answer = client.expect("/id");
            answers.set(answer.path("id").asText(), answer);
        }
        return answers;
    }

    @Test
    void methodsAreCalled() {
        try (Client client = connected()) {
            client.socket().text("{\"send\":{\"data\":{}}}");
            assertThat(client.ask(2, "rpc", "{\"method\":\"ping\"}")
                            .at("/rpc/data")
                            .asText())
                    .isEqualTo("pong");
            String now = client.ask(3, "rpc", "{\"method\":\"now\",\"data\":{}}")
                    .at("/rpc/data/now")
                    .asText();
            assertThat(Instant.parse(now)).isAfter(Instant.EPOCH);
        }
    }

    @Test
    void tokensOpenTheConnectionOrEndIt() {
        String good = token(Map.of("sub", "42", "info", Map.of("name", "Ann")), 3600);
        try (Client client = open()) {
            JsonNode connect = client.connect(good);
            assertThat(connect.path("expires").asBoolean()).isTrue();
            assertThat(connect.path("ttl").asInt()).isBetween(3000, 3575);
            client.ask(2, "subscribe", "{\"channel\":\"demo:tokens\"}");
            JsonNode presence = client.ask(3, "presence", "{\"channel\":\"demo:tokens\"}");
            JsonNode info = presence.at("/presence/presence").elements().next();
            assertThat(info.path("user").asText()).isEqualTo("42");
            assertThat(info.at("/conn_info/name").asText()).isEqualTo("Ann");
            JsonNode refreshed = client.ask(4, "refresh", "{\"token\":\"" + good + "\"}");
            assertThat(refreshed.at("/refresh/ttl").asInt()).isPositive();
            client.socket().text("{\"id\":5,\"refresh\":{\"token\":\"" + token(Map.of("sub", "43"), 3600) + "\"}}");
            assertThat(client.closeCode()).isEqualTo(3500);
        }
        try (Client client = open()) {
            client.socket().text("{\"id\":1,\"connect\":{\"token\":\"" + good + "x\"}}");
            assertThat(client.closeCode()).isEqualTo(3500);
        }
        try (Client client = open()) {
            JsonNode late = client.ask("{\"id\":1,\"connect\":{\"token\":\"" + token(Map.of("sub", "42"), -5) + "\"}}");
            assertThat(late.at("/error/code").asInt()).isEqualTo(109);
        }
        try (Client client = open()) {
            String over = token(Map.of("sub", "42", "expire_at", 1000), 60);
            JsonNode answer = client.ask("{\"id\":1,\"connect\":{\"token\":\"" + over + "\"}}");
            assertThat(answer.at("/error/code").asInt()).isEqualTo(110);
        }
        try (Client client = open()) {
            assertThat(client.connect("secret-user-123").path("client").asText())
                    .isNotEmpty();
        }
    }

    @Test
    void whatTheApplicationSaysOfItsUserIsHandedThrough() {
        for (String info : List.of("{\"name\":\"Ann\",\"team\":[1,{\"lead\":true}]}", "{\"seat\":7}", "\"a text\"")) {
            String claims = token(Map.of("sub", "42", "info", plain(info)), 3600);
            try (Client client = open()) {
                client.connect(claims);
                client.ask(2, "subscribe", "{\"channel\":\"demo:info\",\"join_leave\":true}");
                assertThat(client.expect("/push/join").at("/push/join/info/conn_info"))
                        .isEqualTo(Json.parse(info));
                JsonNode presence = client.ask(3, "presence", "{\"channel\":\"demo:info\"}");
                assertThat(presence.at("/presence/presence").findValue("conn_info"))
                        .isEqualTo(Json.parse(info));
                client.ask(5, "unsubscribe", "{\"channel\":\"demo:info\"}");
            }
        }
        try (Client client = open()) {
            String tooLong = token(Map.of("sub", "42", "info", Map.of("about", "x".repeat(1024))), 3600);
            JsonNode answer = client.ask("{\"id\":1,\"connect\":{\"token\":\"" + tooLong + "\"}}");
            assertThat(answer.at("/error/code").asInt()).isEqualTo(107);
        }
    }

    private static Object plain(String json) {
        return new JsonMapper().convertValue(Json.parse(json), Object.class);
    }

    @Test
    void whatTheTokenSaysOfItsSubscriptionsIsHandedThrough() {
        String claims = token(Map.of("sub", "42", "subs", Map.of("demo:of", Map.of("info", Map.of("seat", 7)))), 3600);
        try (Client client = open()) {
            client.connect(claims);
            JsonNode presence = client.ask(2, "presence", "{\"channel\":\"demo:of\"}");
            assertThat(presence.at("/presence/presence").findValue("chan_info").toString())
                    .isEqualTo("{\"seat\":7}");
        }
    }

    @Test
    void aConnectionEndsWithItsToken() {
        try (Client client = open()) {
            assertThat(client.connect(token(Map.of("sub", "42"), 10))
                            .path("ttl")
                            .asInt())
                    .isBetween(1, 9);
            assertThat(client.closeCode()).isEqualTo(3005);
        }
    }

    @Test
    void theTokenSaysWhereItListens() {
        String token = token(
                Map.of("sub", "42", "channels", List.of("demo:server"), "subs", Map.of("closed:b", Map.of())), 3600);
        try (Client client = open();
                Client other = connected()) {
            JsonNode subs = client.connect(token).path("subs");
            assertThat(subs.path("demo:server").path("recoverable").asBoolean()).isTrue();
            assertThat(subs.has("closed:b")).isTrue();
            String epoch = subs.path("demo:server").path("epoch").asText();
            other.ask(2, "publish", "{\"channel\":\"demo:server\",\"data\":7}");
            assertThat(client.expect("/push/pub").at("/push/pub/data").asInt()).isEqualTo(7);
            try (Client again = open()) {
                JsonNode back = again.ask(
                                "{\"id\":1,\"connect\":{\"token\":\"" + token + "\",\"subs\":{\"demo:server\":"
                                        + "{\"recover\":true,\"offset\":0,\"epoch\":\"" + epoch + "\"}}}}")
                        .at("/connect/subs/demo:server");
                assertThat(back.path("recovered").asBoolean()).isTrue();
                assertThat(offsets(back)).containsExactly(1L);
            }
        }
    }

    @Test
    void aTokenThatAsksForWhatCannotBeEndsTheConnection() {
        for (Map.Entry<List<String>, Integer> wish : Map.of(
                        List.of("nowhere:a"), 3501,
                        List.of("live:1", "live:2", "live:3", "live:4", "live:5", "live:6"), 3505)
                .entrySet()) {
            try (Client client = open()) {
                String token = token(Map.of("sub", "42", "channels", wish.getKey()), 3600);
                client.socket().text("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}");
                assertThat(client.closeCode()).as("%s", wish.getKey()).isEqualTo(wish.getValue());
            }
        }
    }

    @Test
    void aSubscriptionIsRefreshedBeforeItsTokenEnds() {
        try (Client client = connected()) {
            String brief = token(Map.of("channel", "secret:c", "sub", "", "expire_at", soon(60)), 3600);
            JsonNode subscribed = client.ask(2, "subscribe", "{\"channel\":\"secret:c\",\"token\":\"" + brief + "\"}");
            assertThat(subscribed.at("/subscribe/ttl").asInt()).isBetween(1, 59);
            String longer = token(Map.of("channel", "secret:c", "sub", ""), 3600);
            JsonNode refreshed =
                    client.ask(3, "sub_refresh", "{\"channel\":\"secret:c\",\"token\":\"" + longer + "\"}");
            assertThat(refreshed.at("/sub_refresh/ttl").asInt()).isGreaterThan(3000);
            String wrong = token(Map.of("channel", "secret:d", "sub", ""), 3600);
            expectError(client, 103, "sub_refresh", "{\"channel\":\"secret:c\",\"token\":\"" + wrong + "\"}");
        }
    }

    @Test
    void theSameChannelHasTheSameOffsetsForEveryProtocol() {
        try (Client client = connected();
                RawWebSocket plain = RawWebSocket.open(server.url("/ws"))) {
            client.ask(2, "subscribe", "{\"channel\":\"demo:both\"}");
            plain.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"demo:both\"}}");
            plain.readText("channel:subscribed");
            client.ask(3, "publish", "{\"channel\":\"demo:both\",\"data\":\"a\"}");
            plain.text("{\"type\":\"channel:publish\",\"id\":1,"
                    + "\"payload\":{\"channel\":\"demo:both\",\"data\":\"b\",\"event\":\"news\"}}");
            for (int offset = 1; offset <= 2; offset++) {
                JsonNode there = Json.parse(plain.readText("channel:message")).path("payload");
                assertThat(there.path("offset").asLong()).isEqualTo(offset);
            }
            JsonNode here = client.expect("/push/pub");
            if (here.at("/push/pub/data").asText().equals("a")) {
                here = client.expect("/push/pub");
            }
            assertThat(here.at("/push/pub/offset").asLong()).isEqualTo(2);
            assertThat(here.at("/push/pub/tags/event").asText()).isEqualTo("news");
        }
    }

    @Test
    void aRoomIsAChannelAndWhoSaysSomethingIsPutInByTheServer() {
        try (Client client = open();
                RawWebSocket plain = RawWebSocket.open(server.url("/ws"))) {
            client.connect(token(Map.of("sub", "42", "info", Map.of("name", "Ann")), 3600));
            client.ask(2, "subscribe", "{\"channel\":\"room:both\"}");
            plain.text("{\"type\":\"chat:join\",\"payload\":{\"name\":\"Ben\",\"room\":\"both\"}}");
            assertThat(plain.readText("chat:joined")).contains("\"memberCount\":2");
            client.socket()
                    .text(
                            "{\"id\":3,\"publish\":{\"channel\":\"room:both\",\"data\":{\"text\":\"hello\",\"from\":\"Eve\"}}}");
            JsonNode there = Json.parse(plain.readText("chat:message")).path("payload");
            assertThat(there.path("from").asText()).isEqualTo("Ann");
            assertThat(there.path("userId").asText()).isEqualTo("42");
            assertThat(there.path("offset").asLong()).isEqualTo(1);
            JsonNode here = client.expect("/push/pub").at("/push/pub");
            assertThat(here.at("/data/text").asText()).isEqualTo("hello");
            assertThat(here.at("/data/from").asText()).isEqualTo("Ann");
            assertThat(here.path("offset").asLong()).isEqualTo(1);
            plain.text("{\"type\":\"chat:message\",\"payload\":{\"text\":\"hi\"}}");
            JsonNode answer = client.expect("/push/pub").at("/push/pub");
            assertThat(answer.at("/data/from").asText()).isEqualTo("Ben");
            assertThat(answer.path("offset").asLong()).isEqualTo(2);
        }
    }

    @Test
    void subscriptionTokensOpenTheirChannel() {
        String token = token(Map.of("channel", "secret:b", "sub", ""), 3600);
        try (Client client = connected()) {
            JsonNode subscribed = client.ask(2, "subscribe", "{\"channel\":\"secret:b\",\"token\":\"" + token + "\"}");
            assertThat(subscribed.at("/subscribe/expires").asBoolean()).isTrue();
            assertThat(subscribed.at("/subscribe/ttl").asInt()).isBetween(3000, 3575);
            JsonNode refreshed = client.ask(3, "sub_refresh", "{\"channel\":\"secret:b\",\"token\":\"" + token + "\"}");
            assertThat(refreshed.at("/sub_refresh/ttl").asInt()).isPositive();
        }
    }

    private static Client open() {
        return Client.open(server);
    }

    private static Client connected() {
        return Client.connected(server);
    }

    private static void expectError(Client client, int code, String method, String params) {
        assertThat(client.ask(99, method, params).at("/error/code").asInt())
                .as(method + params)
                .isEqualTo(code);
    }

    private static JsonNode history(Client client, String params) {
        return client.ask(20, "history", params).path("history");
    }

    private static JsonNode recover(Client client, int id, String epoch, long offset) {
        JsonNode answer = client.ask(
                id,
                "subscribe",
                "{\"channel\":\"few:a\",\"recover\":true,\"epoch\":\"" + epoch + "\",\"offset\":" + offset + "}");
        client.ask(id + 1, "unsubscribe", "{\"channel\":\"few:a\"}");
        return answer.path("subscribe");
    }

    private static List<Long> offsets(JsonNode page) {
        return page.path("publications").findValues("offset").stream()
                .map(JsonNode::asLong)
                .toList();
    }

    private static long soon(long seconds) {
        return Instant.now().plusSeconds(seconds).getEpochSecond();
    }

    private static String token(Map<String, Object> claims, long seconds) {
        return Jwts.builder()
                .claims(claims)
                .expiration(Date.from(Instant.now().plusSeconds(seconds)))
                .signWith(Keys.hmacShaKeyFor(SECRET.getBytes(StandardCharsets.UTF_8)))
                .compact();
    }
}
