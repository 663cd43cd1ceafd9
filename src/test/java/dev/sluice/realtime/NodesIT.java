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
        one = TestServer.demo(database).start();
        two = TestServer.demo(database).start();
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

    private static JsonNode announce(String body) throws Exception {
        return Gateways.post(one, "/api/announcements", body, "Authorization", "Bearer secret-admin-123");
    }

    private static JsonNode payload(String frame) {
        return Json.parse(frame).path("payload");
    }
}
