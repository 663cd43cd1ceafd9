package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How connections end on a server that is no demo. */
class CentrifugoEndsIT {
    private static final String PASSWORD = "a-long-password-1";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = strict().start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void nobodyComesInWithoutAToken() {
        try (Client client = Client.open(server)) {
            assertThat(client.ask("{\"id\":1,\"connect\":{}}").at("/error/code").asInt())
                    .isEqualTo(101);
            assertThat(client.closeCode()).isEqualTo(3500);
        }
    }

    @Test
    void anAccessTokenIsAConnectionToken() throws Exception {
        try (Client client = Client.open(server)) {
            JsonNode connect = client.connect(register("access"));
            assertThat(connect.path("expires").asBoolean()).isTrue();
            assertThat(connect.path("ttl").asLong()).isPositive();
            assertThat(connect.has("subs")).isFalse();
        }
    }

    @Test
    void whoSignsOutIsDisconnectedForGood() throws Exception {
        String token = register("leaves");
        try (Client client = Client.open(server)) {
            client.connect(token);
            post("/api/auth/logout", "{}", token);
            assertThat(client.closeCode()).isEqualTo(3503);
        }
    }

    @Test
    void aUserWithTooManyConnectionsIsToldSo() throws Exception {
        String token = register("many");
        try (TestServer tight = strict().set("realtime.per-user", "1").start();
                Client first = Client.open(tight);
                Client second = Client.open(tight)) {
            first.connect(token);
            second.socket().text("{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}");
            assertThat(second.closeCode()).isEqualTo(3504);
            assertThat(first.ask(2, "ping", "{}").has("ping")).isTrue();
        }
    }

    @Test
    void clientsShowSignsOfLife() throws Exception {
        String token = register("alive");
        try (TestServer beating = strict().set("realtime.heartbeat", "1s")
                        .set("realtime.pong-timeout", "5s")
                        .start();
                Client client = Client.open(beating)) {
            assertThat(client.connect(token).path("ping").asInt()).isEqualTo(1);
            for (int i = 0; i < 3; i++) {
                String ping = client.socket().readText();
                assertThat(ping).isEqualTo("{}");
                client.socket().text("{}");
            }
            assertThat(client.closeCode()).isEqualTo(3012);
        }
    }

    @Test
    void aServerThatGoesDownSaysSo() throws Exception {
        String token = register("down");
        TestServer leaving = strict().start();
        try (Client client = Client.open(leaving)) {
            client.connect(token);
            Thread stopping = new Thread(leaving::close);
            stopping.start();
            assertThat(client.closeCode()).isEqualTo(3001);
            stopping.join();
        }
    }

    private static TestServer.Builder strict() {
        return TestServer.with(database)
                .set("auth.registration", "true")
                .set("auth.password-cost", "4")
                .set("auth.signin-rate", "0");
    }

    /** Makes an account and gives its access token, which all servers of this database know. */
    private static String register(String name) throws Exception {
        String body =
                "{\"email\":\"" + name + "@example.com\",\"password\":\"" + PASSWORD + "\",\"name\":\"" + name + "\"}";
        return post("/api/auth/register", body, "").path("accessToken").asText();
    }

    private static JsonNode post(String path, String body, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url(path)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        String answer =
                HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
        return Json.parse(answer.isEmpty() ? "{}" : answer);
    }
}
