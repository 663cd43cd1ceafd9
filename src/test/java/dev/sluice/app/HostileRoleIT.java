package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.HostileRole;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A whole node whose role has defaults that would break it. */
class HostileRoleIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @Test
    void a_node_starts_makes_its_tables_signs_in_and_publishes() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                HostileRole role = new HostileRole(database);
                TestServer server = TestServer.demo(database)
                        .set("database-user", role.name())
                        .set("database-password", role.password())
                        .set("demo-rows", "10")
                        .start()) {
            Map<String, String> account =
                    Map.of("email", "it's@example.com", "password", "correct horse", "name", "O'Neil \\ Son");
            assertThat(post(server, "/api/auth/register", account).statusCode()).isEqualTo(201);
            HttpResponse<String> signedIn = post(server, "/api/auth/login", account);
            assertThat(signedIn.statusCode()).as(signedIn.body()).isEqualTo(200);
            assertThat(Json.parse(signedIn.body()).path("user").path("name").asText())
                    .isEqualTo("O'Neil \\ Son");
            try (Connection connection = database.connectAsAdmin();
                    ResultSet users = connection.createStatement().executeQuery("SELECT count(*) FROM demo.users")) {
                assertThat(users.next()).isTrue();
                assertThat(users.getInt(1)).isEqualTo(10);
            }
            publish(server);
        }
    }

    /** Channels have sessions of their own. */
    private static void publish(TestServer server) {
        try (RawWebSocket socket = RawWebSocket.open(server.url("/ws"))) {
            socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"demo:it's\"}}");
            assertThat(socket.readText("error")).contains("bad_request");
            socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"demo:a\"}}");
            socket.readText("channel:subscribed");
            String data = "{\"text\":\"it's \\\\ 'quoted'\"}";
            socket.text("{\"type\":\"channel:publish\",\"payload\":{\"channel\":\"demo:a\",\"data\":" + data + "}}");
            // The answer and the message come in any order.
            List<JsonNode> frames = List.of(Json.parse(socket.readText()), Json.parse(socket.readText()));
            assertThat(frames).extracting(frame -> frame.path("type").asText()).contains("ok", "channel:message");
            assertThat(frames)
                    .extracting(frame -> frame.path("payload").path("data").toString())
                    .contains(data);
        }
    }

    private static HttpResponse<String> post(TestServer server, String path, Map<String, String> body)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url(path)))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Json.text(body)))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }
}
