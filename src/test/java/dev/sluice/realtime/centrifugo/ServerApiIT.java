package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The server API, as applications call it. Each test has channels of its own. */
class ServerApiIT {
    private static final String ADMIN = "secret-admin-123";
    private static final String USER = "secret-user-123";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("namespace.closed.history-size", "10")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void applicationsPublishWhereNobodyElseMay() throws Exception {
        JsonNode first = call("publish", "{\"channel\":\"closed:a\",\"data\":{\"n\":1.50}}");
        assertThat(first.at("/result/offset").asLong()).isEqualTo(1);
        assertThat(first.at("/result/epoch").asText()).isNotEmpty();
        JsonNode history = call("history", "{\"channel\":\"closed:a\",\"limit\":-1}");
        assertThat(history.at("/result/publications")).hasSize(1);
        assertThat(history.at("/result/publications/0/data/n").decimalValue()).isEqualByComparingTo("1.5");
        assertThat(history.at("/result/offset").asLong()).isEqualTo(1);
    }

    @Test
    void aKeyMakesItSafeToTryAgain() throws Exception {
        String body = "{\"channel\":\"demo:once\",\"data\":1,\"idempotency_key\":\"k\"}";
        assertThat(call("publish", body)).isEqualTo(call("publish", body));
        assertThat(call("history", "{\"channel\":\"demo:once\"}")
                        .at("/result/offset")
                        .asLong())
                .isEqualTo(1);
    }

    @Test
    void aBroadcastAnswersForEachChannel() throws Exception {
        JsonNode responses = call("broadcast", "{\"channels\":[\"demo:b1\",\"nowhere:a\",\"demo:b2\"],\"data\":{}}")
                .at("/result/responses");
        assertThat(responses).hasSize(3);
        assertThat(responses.at("/0/result/offset").asLong()).isEqualTo(1);
        assertThat(responses.at("/1/error/code").asInt()).isEqualTo(102);
        assertThat(responses.at("/2/result/offset").asLong()).isEqualTo(1);
    }

    @Test
    void historyIsRemovedAndOffsetsGoOn() throws Exception {
        call("publish", "{\"channel\":\"demo:removed\",\"data\":1}");
        assertThat(call("history_remove", "{\"channel\":\"demo:removed\"}").toString())
                .isEqualTo("{\"result\":{}}");
        assertThat(call("history", "{\"channel\":\"demo:removed\",\"limit\":-1}")
                        .at("/result/publications"))
                .isEmpty();
        assertThat(call("publish", "{\"channel\":\"demo:removed\",\"data\":2}")
                        .at("/result/offset")
                        .asLong())
                .isEqualTo(2);
    }

    @Test
    void connectionsAreSubscribedUnsubscribedAndClosed() throws Exception {
        try (Client client = Client.open(server)) {
            String id = client.connect(USER).path("client").asText();
            String who = "\"client\":\"" + id + "\"";
            call("subscribe", "{\"channel\":\"closed:b\"," + who + "}");
            assertThat(client.expect("/push/subscribe").at("/push/channel").asText())
                    .isEqualTo("closed:b");
            call("publish", "{\"channel\":\"closed:b\",\"data\":7,\"tags\":{\"event\":\"update\"}}");
            JsonNode push = client.expect("/push/pub");
            assertThat(push.at("/push/pub/data").asInt()).isEqualTo(7);
            assertThat(push.at("/push/pub/tags/event").asText()).isEqualTo("update");
            call("unsubscribe", "{\"channel\":\"closed:b\"," + who + "}");
            assertThat(client.expect("/push/unsubscribe")
                            .at("/push/unsubscribe/code")
                            .asInt())
                    .isEqualTo(2000);
            call("disconnect", "{" + who + ",\"disconnect\":{\"code\":4500,\"reason\":\"enough\"}}");
            assertThat(client.closeCode()).isEqualTo(4500);
        }
    }

    @Test
    void connectionsOfAllNodesAreReached() throws Exception {
        try (TestServer other = TestServer.demo(database).start();
                Client client = Client.open(other)) {
            String id = client.connect(USER).path("client").asText();
            CompletableFuture<Integer> closed = CompletableFuture.supplyAsync(client::closeCode);
            // Nodes that have just started may not know of each other yet.
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        call("disconnect", "{\"client\":\"" + id + "\",\"disconnect\":{\"code\":4000}}");
                        return closed.isDone();
                    });
            assertThat(closed.get()).isEqualTo(4000);
        }
    }

    @Test
    void announcementsAreMessages() throws Exception {
        try (Client client = Client.connected(server)) {
            assertThat(post("announcements", "{\"text\":\"down at noon\"}", ADMIN)
                            .statusCode())
                    .isEqualTo(200);
            assertThat(client.expect("/push/message")
                            .at("/push/message/data/announcement/text")
                            .asText())
                    .isEqualTo("down at noon");
        }
    }

    @Test
    void anEndIsSetAndPutOff() throws Exception {
        try (Client client = Client.open(server)) {
            String who = "\"client\":\"" + client.connect(USER).path("client").asText() + "\"";
            long later = Instant.now().getEpochSecond() + 3600;
            call("refresh", "{" + who + ",\"expire_at\":" + later + "}");
            assertThat(client.expect("/push/refresh").at("/push/refresh/ttl").asLong())
                    .isBetween(3000L, 3600L);
            call("refresh", "{" + who + "}");
            assertThat(client.expect("/push/refresh").at("/push/refresh")).isEmpty();
            call("refresh", "{" + who + ",\"expired\":true}");
            assertThat(client.closeCode()).isEqualTo(3005);
        }
    }

    @Test
    void someAreSpared() throws Exception {
        try (Client spared = Client.open(server);
                Client other = Client.open(server)) {
            String id = spared.connect(USER).path("client").asText();
            other.connect(USER);
            spared.ask(2, "subscribe", "{\"channel\":\"demo:spared\"}");
            String user = spared.ask(3, "presence", "{\"channel\":\"demo:spared\"}")
                    .at("/presence/presence/" + id + "/user")
                    .asText();
            assertThat(user).isNotEmpty();
            call(
                    "disconnect",
                    "{\"user\":\"" + user + "\",\"whitelist\":[\"" + id + "\"],\"disconnect\":{\"code\":3011}}");
            assertThat(other.closeCode()).isEqualTo(3011);
            assertThat(spared.ask(4, "ping", "{}").has("ping")).isTrue();
        }
    }

    @Test
    void commandsComeTogether() throws Exception {
        String commands = "\"commands\":[{\"publish\":{\"channel\":\"demo:batch\",\"data\":1}},"
                + "{\"publish\":{\"channel\":\"nowhere:a\",\"data\":1}},{\"dance\":{}},"
                + "{\"history\":{\"channel\":\"demo:batch\",\"limit\":5}},{\"info\":{}},{\"publish\":{}}]";
        JsonNode replies =
                Json.parse(post("batch", "{" + commands + "}", ADMIN).body()).path("replies");
        assertThat(replies).hasSize(6);
        assertThat(replies.at("/0/publish/offset").asLong()).isEqualTo(1);
        assertThat(replies.at("/1/error/code").asInt()).isEqualTo(102);
        assertThat(replies.at("/2/error/code").asInt()).isEqualTo(104);
        assertThat(replies.at("/3/history/publications")).hasSize(1);
        assertThat(replies.at("/4/info/nodes")).hasSize(1);
        assertThat(replies.at("/5/error/code").asInt()).isEqualTo(107);
        String many = IntStream.range(0, 200)
                .mapToObj(i -> "{\"publish\":{\"channel\":\"demo:many\",\"data\":" + i + "}}")
                .collect(Collectors.joining(","));
        JsonNode parallel = Json.parse(post("batch", "{\"parallel\":true,\"commands\":[" + many + "]}", ADMIN)
                        .body())
                .path("replies");
        assertThat(parallel.findValuesAsText("offset")).hasSize(200).doesNotHaveDuplicates();
        assertThat(code("batch", "{\"commands\":{}}")).isEqualTo(107);
    }

    @Test
    void whoIsThereAndWhere() throws Exception {
        try (Client client = Client.connected(server)) {
            client.ask(2, "subscribe", "{\"channel\":\"demo:there\"}");
            assertThat(call("presence", "{\"channel\":\"demo:there\"}").at("/result/presence"))
                    .hasSize(1);
            assertThat(call("presence_stats", "{\"channel\":\"demo:there\"}")
                            .at("/result/num_clients")
                            .asInt())
                    .isEqualTo(1);
            assertThat(call("channels", "{\"pattern\":\"demo:th*\"}")
                            .at("/result/channels")
                            .toString())
                    .isEqualTo("{\"demo:there\":{\"num_clients\":1}}");
            assertThat(call("channels", "{\"pattern\":\"other*\"}").at("/result/channels"))
                    .isEmpty();
            JsonNode node = call("info", "{}").at("/result/nodes/0");
            assertThat(node.path("num_clients").asInt()).isPositive();
            assertThat(node.path("num_subs").asInt()).isPositive();
            assertThat(node.path("uptime").asLong()).isNotNegative();
        }
    }

    @Test
    void errorsAreAnswers() throws Exception {
        assertThat(code("publish", "{\"channel\":\"nowhere:a\",\"data\":1}")).isEqualTo(102);
        assertThat(code("publish", "{\"channel\":\"demo:a\"}")).isEqualTo(107);
        assertThat(code("publish", "{\"data\":1}")).isEqualTo(107);
        assertThat(code("publish", "{\"channel\":\"demo:a\",\"data\":1,\"skip_history\":true}"))
                .isEqualTo(107);
        for (String tags : new String[] {
            "{\"event\":\"a\",\"priority\":\"high\"}", "{\"priority\":\"high\"}", "{\"event\":7}", "[]", "\"a\""
        }) {
            assertThat(code("publish", "{\"channel\":\"demo:tags\",\"data\":1,\"tags\":" + tags + "}"))
                    .as(tags)
                    .isEqualTo(107);
            assertThat(code("broadcast", "{\"channels\":[\"demo:tags\"],\"data\":1,\"tags\":" + tags + "}"))
                    .as(tags)
                    .isEqualTo(107);
        }
        for (String tags : new String[] {"{}", "null", "{\"event\":\"a\"}"}) {
            assertThat(code("publish", "{\"channel\":\"demo:tags\",\"data\":1,\"tags\":" + tags + "}"))
                    .as(tags)
                    .isZero();
        }
        assertThat(call("history", "{\"channel\":\"demo:tags\"}")
                        .at("/result/offset")
                        .asLong())
                .isEqualTo(3);
        assertThat(code("broadcast", "{\"channels\":7,\"data\":1}")).isEqualTo(107);
        assertThat(code("disconnect", "{}")).isEqualTo(107);
        assertThat(code("disconnect", "{\"user\":\"x\",\"disconnect\":{\"code\":1000}}"))
                .isEqualTo(107);
        assertThat(code("presence", "{\"channel\":\"closed:a\"}")).isEqualTo(108);
        assertThat(code("history", "{\"channel\":\"live:a\"}")).isEqualTo(108);
    }

    @Test
    void nobodyIsSubscribedToWhatCannotBe() throws Exception {
        for (String method : new String[] {"subscribe", "unsubscribe"}) {
            assertThat(code(method, "{\"user\":\"x\",\"channel\":\"nowhere:a\"}"))
                    .isEqualTo(102);
            assertThat(code(method, "{\"user\":\"x\",\"channel\":\"a b\"}")).isEqualTo(107);
            assertThat(code(method, "{\"user\":\"x\",\"channel\":\"closed:a\"}"))
                    .isZero();
        }
    }

    @Test
    void whereNothingIsKeptThereIsNothingToSkip() throws Exception {
        for (String method : new String[] {"publish", "broadcast"}) {
            String kept =
                    "{\"channel\":\"demo:a\",\"channels\":[\"live:a\",\"demo:a\"],\"data\":1,\"skip_history\":true}";
            JsonNode answer = call(method, kept);
            assertThat(answer.findValue("code").asInt()).as(method).isEqualTo(107);
        }
        assertThat(call("publish", "{\"channel\":\"live:a\",\"data\":1,\"skip_history\":true}")
                        .toString())
                .isEqualTo("{\"result\":{}}");
        assertThat(call("broadcast", "{\"channels\":[\"live:a\"],\"data\":1,\"skip_history\":true}")
                        .toString())
                .isEqualTo("{\"result\":{\"responses\":[{\"result\":{}}]}}");
    }

    @Test
    void onlyAdminsCall() throws Exception {
        String body = "{\"channel\":\"demo:a\",\"data\":1}";
        assertThat(post("publish", body, "").statusCode()).isEqualTo(401);
        assertThat(post("publish", body, "nonsense").statusCode()).isEqualTo(401);
        assertThat(post("publish", body, USER).statusCode()).isEqualTo(403);
        assertThat(post("publish", body, ADMIN).statusCode()).isEqualTo(200);
    }

    private static int code(String method, String body) throws Exception {
        return call(method, body).at("/error/code").asInt();
    }

    private static JsonNode call(String method, String body) throws Exception {
        HttpResponse<String> answer = post(method, body, ADMIN);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Json.parse(answer.body());
    }

    private static HttpResponse<String> post(String method, String body, String key) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url("/api/" + method)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("X-API-Key", key);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
