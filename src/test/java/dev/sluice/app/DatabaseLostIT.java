package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a node does when its database goes away while it runs. */
class DatabaseLostIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @Test
    void aNodeThatLosesItsDatabaseSaysSoCutsItsStreamsAndStaysAlive() throws Exception {
        TestDatabase database = TestDatabase.create();
        try (TestServer server = TestServer.demo(database)
                .set("export.first-row-timeout", "10s")
                .set("dataset.large.sql", "SELECT g AS id, md5(g::text) AS text FROM generate_series(1, 5000000) g")
                .set("dataset.large.read", "public")
                .start()) {
            assertThat(get(server, "/health/ready").statusCode()).isEqualTo(200);
            try (SlowClient client = new SlowClient(server.url("/api/export/large"))) {
                assertThat(client.read(4096)).startsWith("HTTP/1.1 200");

                database.close();

                // A clean end is the last chunk, with or without a trailer, and the empty line after it.
                assertThat(client.readToEnd()).doesNotContain("\r\n0\r\n").doesNotEndWith("\r\n\r\n");
            }
            await().atMost(LONG).until(() -> get(server, "/health/ready").statusCode() == 503);
            HttpResponse<String> export = get(server, "/api/export/large");
            assertThat(export.statusCode()).isEqualTo(503);
            assertThat(export.headers().firstValue("Retry-After")).isPresent();
            JsonNode problem = Json.parse(export.body());
            assertThat(problem.get("code").asText()).isEqualTo("database_unavailable");
            assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whenTheDatabaseIsBackTheNodeIsReadyAndExportsWork() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database)
                        .set("export.first-row-timeout", "2s")
                        .start()) {
            assertThat(get(server, "/api/export/tasks.csv?limit=1").statusCode())
                    .isEqualTo(200);

            database.refuseConnections();
            await().atMost(LONG).until(() -> get(server, "/health/ready").statusCode() == 503);
            assertThat(get(server, "/api/export/tasks.csv?limit=1").statusCode())
                    .isEqualTo(503);

            database.allowConnections();
            await().atMost(LONG).until(() -> get(server, "/health/ready").statusCode() == 200);
            await().atMost(LONG)
                    .until(() -> get(server, "/api/export/tasks.csv?limit=1").statusCode() == 200);
            assertThat(get(server, "/api/export").statusCode()).isEqualTo(200);
        }
    }

    private static HttpResponse<String> get(TestServer server, String path) throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(server.url(path))).build(), BodyHandlers.ofString());
    }
}
