package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What clients are told while the database is away: what is not kept is not acknowledged, and does not come later. */
class OutageIT {
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void whatIsPublishedMeanwhileIsRefusedInBothProtocolsAndDoesNotComeLater() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database).start();
                RawWebSocket own = RawWebSocket.open(server.url("/ws"));
                RawWebSocket centrifugo = RawWebSocket.open(server.url("/connection/websocket"))) {
            own.text("{\"type\":\"chat:join\",\"payload\":{\"name\":\"Ann\",\"room\":\"out\"}}");
            own.readText("chat:joined");
            centrifugo.text("{\"id\":1,\"connect\":{}}");
            centrifugo.readText("\"connect\"");
            assertThat(publish(own, "before").at("/payload/offset").asLong()).isEqualTo(1);

            database.refuseConnections();
            try {
                await().atMost(LONG)
                        .until(() -> Gateways.get(server, "/health/ready").statusCode() == 503);
                isRefused(own);
                isRefusedByCentrifugo(centrifugo);
            } finally {
                database.allowConnections();
            }

            await().atMost(LONG)
                    .until(() -> Gateways.get(server, "/health/ready").statusCode() == 200);
            database.execute(
                    "SELECT sluice.publish('demo:out', '{\"n\": \"after\"}')",
                    "SELECT sluice.publish('room:out', '{\"text\": \"after\"}')");
            await().atMost(LONG).until(() -> history(centrifugo, "demo:out").contains("after"));
            await().atMost(LONG).until(() -> history(centrifugo, "room:out").contains("after"));
            // Behind all that this node may still have wanted to publish.
            assertThat(publish(own, "last").path("type").asText()).isEqualTo("ok");
            assertThat(history(centrifugo, "demo:out")).containsExactly("before", "after", "last");
            assertThat(history(centrifugo, "room:out")).containsExactly("after");
        }
    }

    private static void isRefused(RawWebSocket own) {
        own.text("{\"type\":\"channel:publish\",\"id\":\"c\","
                + "\"payload\":{\"channel\":\"demo:out\",\"data\":{\"n\":\"ghost\"}}}");
        own.text("{\"type\":\"chat:message\",\"id\":\"m\",\"payload\":{\"text\":\"ghost\"}}");
        own.text("{\"type\":\"history\",\"id\":\"h\",\"payload\":{\"channel\":\"demo:out\"}}");
        List<String> answers = new ArrayList<>();
        while (answers.size() < 3) {
            JsonNode answer = Json.parse(own.readText("\"ref\""));
            answers.add(answer.path("ref").asText() + " " + answer.path("type").asText() + " "
                    + answer.at("/payload/code").asText());
        }
        assertThat(answers)
                .containsExactlyInAnyOrder("c error unavailable", "m chat:error unavailable", "h error unavailable");
    }

    private static void isRefusedByCentrifugo(RawWebSocket centrifugo) {
        centrifugo.text("{\"id\":2,\"publish\":{\"channel\":\"demo:out\",\"data\":{\"n\":\"ghost\"}}}");
        JsonNode error = Json.parse(centrifugo.readText("\"id\":2")).path("error");
        assertThat(error.path("code").asInt()).isEqualTo(100);
        assertThat(error.path("temporary").asBoolean()).isTrue();
    }

    private static JsonNode publish(RawWebSocket own, String what) {
        own.text("{\"type\":\"channel:publish\",\"id\":\"" + what + "\","
                + "\"payload\":{\"channel\":\"demo:out\",\"data\":{\"n\":\"" + what + "\"}}}");
        return Json.parse(own.readText("\"ref\":\"" + what + "\""));
    }

    /** What was said there, as far as it is known; empty while it cannot be read. */
    private static List<String> history(RawWebSocket centrifugo, String channel) {
        centrifugo.text("{\"id\":3,\"history\":{\"channel\":\"" + channel + "\",\"limit\":-1}}");
        JsonNode answer = Json.parse(centrifugo.readText("\"id\":3"));
        return answer.path("history").path("publications").findValues("data").stream()
                .map(data ->
                        data.path(channel.startsWith("room:") ? "text" : "n").asText())
                .toList();
    }
}
