package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes on one database: what is for all reaches the connections of both, once. */
class NodesIT {
    private static TestDatabase database;
    private static TestServer one;
    private static TestServer two;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        one = begin();
        two = begin();
        try (RawWebSocket ann = member(one);
                RawWebSocket ben = member(two)) {
            await().atMost(Duration.ofMinutes(1)).until(() -> members(ann) == 2 && members(ben) == 2);
        }
    }

    @AfterAll
    static void stop() {
        two.close();
        one.close();
        database.close();
    }

    private static TestServer begin() {
        return TestServer.demo(database)
                .set("namespace.memory.broker", "local")
                .set("namespace.memory.history-size", "10")
                .set("namespace.memory.subscribe", "public")
                .set("namespace.memory.publish", "public")
                .start();
    }

    private static RawWebSocket member(TestServer server) {
        RawWebSocket socket = RawWebSocket.open(server.url("/ws"));
        socket.text("{\"type\":\"chat:join\",\"payload\":{\"room\":\"both\"}}");
        socket.readText("chat:joined");
        return socket;
    }

    private static int members(RawWebSocket socket) {
        socket.text("{\"type\":\"presence:get\",\"payload\":{\"channel\":\"room:both\"}}");
        return payload(socket.readText("\"presence\"")).path("memberCount").asInt();
    }

    @Test
    void whatIsSaidAtTheGatewayIsToldOnBothNodes() {
        String clefs = "\ud834\udd1e".repeat(2_000);
        try (RawWebSocket ann = Gateways.ready(one);
                RawWebSocket ben = Gateways.ready(two)) {
            ann.text(Gateways.message("join", "Ann", ""));
            assertThat(payload(ben.readText()).path("text").asText()).isEqualTo("Ann joined");
            ben.text(Gateways.message("message", "Ben", clefs));
            for (RawWebSocket each : new RawWebSocket[] {ann, ben}) {
                assertThat(payload(each.readText("message")).path("text").asText())
                        .isEqualTo(clefs);
            }
            ann.sendClose(1000);
            assertThat(payload(ben.readText()).path("text").asText()).isEqualTo("Ann left");
        }
    }

    @Test
    void anAnnouncementReachesBothNodes() throws Exception {
        try (RawWebSocket ann = Gateways.ready(one);
                RawWebSocket ben = RawWebSocket.open(two.url("/ws"))) {
            ben.readText("connected");
            for (String text : new String[] {"first", "second"}) {
                JsonNode told = announce("{\"text\":\"" + text + "\"}");
                assertThat(told.path("told").asInt()).isEqualTo(1);
                for (RawWebSocket each : new RawWebSocket[] {ann, ben}) {
                    assertThat(payload(each.readText()).path("text").asText()).isEqualTo(text);
                }
            }
            assertThat(announce("{\"text\":\"" + "x".repeat(65_536) + "\"}")
                            .path("code")
                            .asText())
                    .isEqualTo("too_large");
        }
    }

    /** One stream has one order: SQL comes by another way than what is kept in memory. */
    @Test
    void whatSqlSaysInAChannelInMemoryIsTheNextOfItsStreamOnEachNode() {
        String channel = "{\"channel\":\"memory:mixed\"";
        try (RawWebSocket ann = RawWebSocket.open(one.url("/ws"));
                RawWebSocket ben = RawWebSocket.open(two.url("/ws"))) {
            for (RawWebSocket each : new RawWebSocket[] {ann, ben}) {
                each.text("{\"type\":\"channel:subscribe\",\"payload\":" + channel + "}}");
                each.readText("channel:subscribed");
            }
            ann.text("{\"type\":\"channel:publish\",\"payload\":" + channel + ",\"data\":\"by ann\"}}");
            assertThat(message(ann)).isEqualTo("1 by ann");
            database.execute("SELECT sluice.publish('memory:mixed', '\"by sql\"', event => 'said')");
            assertThat(message(ann)).isEqualTo("2 by sql");
            assertThat(message(ben)).isEqualTo("1 by sql");
            ann.text("{\"type\":\"channel:publish\",\"payload\":" + channel + ",\"data\":\"again\"}}");
            assertThat(message(ann)).isEqualTo("3 again");
            ann.text("{\"type\":\"history\",\"payload\":" + channel + "}}");
            JsonNode history = payload(ann.readText("\"history\"")).path("publications");
            assertThat(history.findValuesAsText("data")).containsExactly("by ann", "by sql", "again");
            assertThat(history.findValuesAsText("event")).containsExactly("message", "said", "message");
        }
    }

    private static String message(RawWebSocket socket) {
        JsonNode message = payload(socket.readText("channel:message"));
        return message.path("offset").asLong() + " " + message.path("data").asText();
    }

    private static JsonNode announce(String body) throws Exception {
        return Gateways.post(one, "/api/announcements", body, "Authorization", "Bearer secret-admin-123");
    }

    private static JsonNode payload(String frame) {
        return Json.parse(frame).path("payload");
    }
}
