package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.SilentProxy;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients and applications that want something of a database that has fallen silent. */
class CentrifugoSilentIT {
    private static final String SECRET = "the secret of an application, long enough";
    /** More than the container has threads. */
    private static final int MANY = 220;

    private static final Duration AT_ONCE = Duration.ofSeconds(4);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final TestDatabase database = TestDatabase.create();
    private final SilentProxy proxy = new SilentProxy(database.port());
    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.demo(database)
                .set("database-url", "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/" + database.name())
                .set("realtime.token-secret", SECRET)
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        proxy.speak();
        server.close();
        proxy.close();
        database.close();
    }

    @Test
    void clientsThatConnectKeepNoThread() throws Exception {
        List<Client> clients =
                IntStream.range(0, MANY).mapToObj(i -> Client.open(server)).toList();
        proxy.fallSilent();
        for (int i = 0; i < MANY; i++) {
            clients.get(i).socket().text(connect("demo:silent-" + i));
        }
        assertAnswersAtOnce();

        // As they wait for ten seconds and no longer.
        assertThat(clients.get(0).closeCode()).isEqualTo(3004);
        clients.forEach(Client::close);
    }

    @Test
    void whatComesBehindTheFirstCommandWaitsForItsAnswer() throws Exception {
        try (Client client = Client.open(server)) {
            proxy.fallSilent();
            String first = connect("demo:silent") + "\n\n{\"id\":2,\"ping\":{}}\n{\"id\":3,\"ping\":{}}";
            String second = "{\"id\":4,\"ping\":{}}";
            client.socket().text(first);
            client.socket().text(second);
            await().until(() -> incomingBytes() == first.length() + second.length());
            proxy.speak();

            assertThat(client.expect("/id").has("connect")).isTrue();
            assertThat(client.expect("/id").path("id").asInt()).isEqualTo(2);
            assertThat(client.expect("/id").path("id").asInt()).isEqualTo(3);
            assertThat(client.expect("/id").path("id").asInt()).isEqualTo(4);
            await().until(() -> incomingBytes() == 0);
        }
    }

    @Test
    void applicationsThatCallKeepNoThread() throws Exception {
        proxy.fallSilent();
        List<CompletableFuture<HttpResponse<String>>> calls = IntStream.range(0, MANY)
                .mapToObj(i -> post("history", "{\"channel\":\"demo:silent-" + i + "\",\"limit\":1}"))
                .toList();
        CompletableFuture<HttpResponse<String>> batch = post(
                "batch",
                "{\"commands\":[{\"history\":{\"channel\":\"demo:silent\",\"limit\":1}},{\"info\":{}},{\"dance\":{}}]}");
        assertAnswersAtOnce();

        proxy.speak();
        for (CompletableFuture<HttpResponse<String>> call : calls) {
            assertThat(Json.parse(call.get().body()).at("/result/publications")).isEmpty();
        }
        JsonNode replies = Json.parse(batch.get().body()).path("replies");
        assertThat(replies.at("/0/history/publications")).isEmpty();
        assertThat(replies.at("/1/info/nodes")).hasSize(1);
        assertThat(replies.at("/2/error/code").asInt()).isEqualTo(104);
    }

    private CompletableFuture<HttpResponse<String>> post(String method, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/api/" + method)))
                .header("Content-Type", "application/json")
                .header("X-API-Key", "secret-admin-123")
                .timeout(Duration.ofMinutes(1))
                .POST(BodyPublishers.ofString(body))
                .build();
        return HTTP.sendAsync(request, BodyHandlers.ofString());
    }

    private void assertAnswersAtOnce() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
        }
    }

    private long incomingBytes() throws Exception {
        return Json.parse(get("/api/stats").body())
                .at("/connections/incomingBytes")
                .asLong(-1);
    }

    private HttpResponse<String> get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url(path)))
                .timeout(AT_ONCE)
                .build();
        return HTTP.send(request, BodyHandlers.ofString());
    }

    private static String connect(String channel) {
        String token = Jwts.builder()
                .subject("42")
                .claim("channels", List.of(channel))
                .signWith(Keys.hmacShaKeyFor(SECRET.getBytes(StandardCharsets.UTF_8)))
                .compact();
        return "{\"id\":1,\"connect\":{\"token\":\"" + token + "\"}}";
    }
}
