package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.SilentProxy;
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
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node does when the host of its database dies without a word, and what it needs more time for. */
class DatabaseSilentIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    /** The lock of the demo's data. */
    private static final String DEMO_LOCK = "pg_advisory_lock(" + 0x534c_5549_4345_0001L + ")";

    private final TestDatabase database = TestDatabase.create();
    private final SilentProxy proxy = new SilentProxy(database.port());

    @AfterEach
    void close() throws Exception {
        proxy.close();
        database.close();
    }

    @Test
    void requests_are_answered_in_bounded_time_and_all_is_well_when_it_speaks_again() throws Exception {
        try (TestServer server = server().set("auth.registration", "true").start();
                Connection holder = database.connect()) {
            String token = register(server);
            assertThat(get(server, "/api/auth/me", token).statusCode()).isEqualTo(200);

            // A query is on its way when the host dies: nobody will ever answer it.
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE sluice.session IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<HttpResponse<String>> underWay = getLater(server, "/api/auth/me", token);
            await().atMost(LONG).until(() -> underWay.isDone() || isSomebodyWaiting());
            proxy.fallSilent();
            holder.rollback();

            List<CompletableFuture<HttpResponse<String>>> requests = new ArrayList<>(List.of(underWay));
            for (int i = 0; i < 20; i++) {
                requests.add(getLater(server, "/api/auth/me", token));
            }
            for (CompletableFuture<HttpResponse<String>> request : requests) {
                assertUnavailable(request.get(LONG.toSeconds(), TimeUnit.SECONDS));
            }
            assertUnavailable(get(server, "/health/ready", ""));
            assertThat(get(server, "/health/live", "").statusCode()).isEqualTo(200);

            proxy.speak();
            await().atMost(LONG).until(() -> get(server, "/health/ready", "").statusCode() == 200);
            await().atMost(LONG).until(() -> get(server, "/api/auth/me", token).statusCode() == 200);
        }
    }

    @Test
    void what_is_prepared_at_the_start_may_take_longer_than_a_request() throws Exception {
        try (Connection holder = database.connect()) {
            holder.createStatement().execute("SELECT " + DEMO_LOCK);
            CompletableFuture<TestServer> starting = CompletableFuture.supplyAsync(
                    () -> server().set("embedded-database", "true")
                            .set("demo-rows", "10")
                            .set("database-timeout", "1s")
                            .start(),
                    task -> new Thread(task).start());
            await().atMost(LONG).until(() -> starting.isDone() || isSomebodyWaitingForSeconds());
            assertThat(starting).isNotDone();
            holder.createStatement().execute("SELECT pg_advisory_unlock_all()");
            try (TestServer server = starting.get(LONG.toSeconds(), TimeUnit.SECONDS)) {
                assertThat(get(server, "/health/ready", "").statusCode()).isEqualTo(200);
            }
        }
    }

    private TestServer.Builder server() {
        return TestServer.with(database)
                .set("database-url", "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/" + database.name())
                .set("database-timeout", "5s");
    }

    private boolean isSomebodyWaiting() throws SQLException {
        return isTrue("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    }

    private boolean isSomebodyWaitingForSeconds() throws SQLException {
        return isTrue("SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                + " AND now() - query_start > interval '3 s'");
    }

    private boolean isTrue(String question) throws SQLException {
        try (Connection connection = database.connect();
                ResultSet answer = connection
                        .createStatement()
                        .executeQuery(question + " AND datname = '" + database.name() + "'")) {
            return answer.next() && answer.getBoolean(1);
        }
    }

    private static String register(TestServer server) throws Exception {
        String body = Json.text(Map.of("email", "silent@example.com", "password", "correct horse", "name", "Somebody"));
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/api/auth/register")))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        return Json.parse(CLIENT.send(request, BodyHandlers.ofString()).body())
                .path("accessToken")
                .asText();
    }

    private static void assertUnavailable(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).isPresent();
        JsonNode problem = Json.parse(response.body());
        assertThat(problem.path("code").asText()).isEqualTo("database_unavailable");
    }

    private static CompletableFuture<HttpResponse<String>> getLater(TestServer server, String path, String token) {
        return CLIENT.sendAsync(request(server, path, token), BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(TestServer server, String path, String token) throws Exception {
        return CLIENT.send(request(server, path, token), BodyHandlers.ofString());
    }

    private static HttpRequest request(TestServer server, String path, String token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.url(path))).timeout(LONG);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return request.build();
    }
}
