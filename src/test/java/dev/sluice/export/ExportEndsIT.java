package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.Command;
import dev.sluice.support.Nginx;
import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** How exports end: complete, cut so that the client can tell, refused, or given up; and that nothing is left behind. */
@InBothLanes
@SuppressWarnings("NullAway.Init") // made before all tests
class ExportEndsIT {
    private static final int STALLED = 30;
    /** Does not compress well, and so is not gone into the buffers on the way before anything can happen to it. */
    private static final String NOISE = "SELECT g AS id, sha512((g || 'a')::bytea) AS a, sha512((g || 'b')::bytea) AS b"
            + " FROM generate_series(1, 500000) g";

    /** What a thread is in that streams, or reads rows to be streamed. */
    private static final Set<String> WORKING =
            Set.of("dev.sluice.flow.Pump", CopySource.class.getName(), CursorSource.class.getName());

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @Parameter
    private Lane lane;

    private static TestDatabase database;
    private static TestServer server;

    @BeforeParameterizedClassInvocation
    static void start(Lane lane) {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("demo-rows", "100")
                .set("export.lane", lane.label())
                .set("export.concurrency", Integer.toString(STALLED))
                .set("export.per-caller", "500")
                .set("export.first-row-timeout", "3s")
                .set("export.stall-timeout", "15s")
                .set("dataset.large.sql", "SELECT g AS id, repeat('x', 1000) AS text FROM generate_series(1, 250000) g")
                .set("dataset.large.read", "public")
                .set("dataset.small.sql", "SELECT g AS id FROM generate_series(1, 10) g")
                .set("dataset.small.read", "public")
                .set("dataset.noise.sql", NOISE)
                .set("dataset.noise.read", "public")
                .set(
                        "dataset.fails-late.sql",
                        "SELECT g AS id, 1 / (g - 200000) AS x FROM generate_series(1, 250000) g")
                .set("dataset.fails-late.read", "public")
                .set("dataset.fails-at-once.sql", "SELECT 1 / (g - 1) AS x FROM generate_series(1, 10) g")
                .set("dataset.fails-at-once.read", "public")
                .set("dataset.sorted.sql", "SELECT md5(g::text) AS h FROM generate_series(1, 50000000) g ORDER BY 1")
                .set("dataset.sorted.read", "public")
                .start();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
        database.close();
    }

    @BeforeEach
    void nothingRuns() {
        await().atMost(LONG).until(() -> busy() == 0);
    }

    @Test
    void fiftyAbortedExportsLeaveNothingBehind() {
        abortFifty();
        long descriptors = descriptors();

        abortFifty();

        await().atMost(LONG).until(() -> descriptors() <= descriptors + 3);
        assertThat(get("small").body().lines()).hasSize(10);
    }

    /** Each of 250 MB, by a client that takes 8 KiB and then leaves, in either of the two ways; until all is free again. */
    private static void abortFifty() {
        for (int i = 0; i < 50; i++) {
            try (SlowClient client = new SlowClient(server.url("/api/export/large"))) {
                assertThat(client.read(8192)).startsWith("HTTP/1.1 200");
                if (i % 2 == 0) {
                    client.reset();
                }
            }
        }
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(busy()).isZero();
            assertThat(running()).isZero();
            assertThat(activeConnections()).isZero();
        });
    }

    /** A backend that waits to write sees no cancel before somebody reads from it. */
    @Test
    void fiftyClientsThatLeaveWhileTheDatabaseWaitsForThemLeaveItsSessionsInOrder() {
        leaveWhileTheDatabaseWaits();
        long descriptors = descriptors();

        for (int round = 0; round < 10; round++) {
            leaveWhileTheDatabaseWaits();
        }

        await().atMost(LONG).until(() -> descriptors() <= descriptors + 3);
        for (int i = 0; i < 50; i++) {
            HttpResponse<String> reply = get("small");
            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.body().lines()).hasSize(10);
        }
    }

    /** Five at a time, when nothing moves any more for all of them. */
    private void leaveWhileTheDatabaseWaits() {
        List<SlowClient> clients = Stream.generate(() -> begun(8192)).limit(5).toList();
        await().during(Duration.ofMillis(300)).atMost(LONG).until(() -> waitingForUs() == clients.size());

        clients.forEach(SlowClient::reset);

        await().atMost(Duration.ofSeconds(10)).until(() -> busy() == 0 && running() == 0);
    }

    /** A client that has taken so much of 250 MB, and takes no more. */
    private static SlowClient begun(int bytes) {
        SlowClient client = new SlowClient(server.url("/api/export/large"));
        assertThat(client.read(bytes)).startsWith("HTTP/1.1 200");
        return client;
    }

    /** A machine that has other things to do makes some of the rounds late, not all of them. */
    @Test
    void aClientThatLeavesGivesItsConnectionBackWithinASecond() {
        List<Duration> waits =
                Stream.generate(ExportEndsIT::timeToGiveBack).limit(5).toList();

        assertThat(waits).anyMatch(wait -> wait.compareTo(Duration.ofSeconds(1)) < 0);
    }

    private static Duration timeToGiveBack() {
        try (SlowClient client = new SlowClient(server.url("/api/export/large"))) {
            client.read(8192);
            await().atMost(LONG).until(() -> activeConnections() == 1 && running() == 1);
            client.reset();
        }
        long left = System.nanoTime();
        await().pollInterval(Duration.ofMillis(10))
                .atMost(LONG)
                .until(() -> activeConnections() == 0 && running() == 0 && busy() == 0);
        return Duration.ofNanos(System.nanoTime() - left);
    }

    @Test
    void clientsThatStopReadingHoldNoThreadAndAreCutWhenTheyStall() {
        double stalledBefore = Metrics.exports(server, "stalled", lane);
        List<SlowClient> clients =
                Stream.generate(() -> begun(100)).limit(STALLED).toList();

        await().atMost(LONG).untilAsserted(() -> {
            assertThat(threadsAtWork()).isEmpty();
            assertThat(running()).isEqualTo(STALLED); // before as well: they only get fewer
        });
        await().atMost(LONG).untilAsserted(() -> {
            assertThat(Metrics.exports(server, "stalled", lane) - stalledBefore).isEqualTo(STALLED);
            assertThat(busy()).isZero();
        });
        for (SlowClient client : clients) {
            client.readToEnd();
            client.close();
        }
        assertThat(get("small").statusCode()).isEqualTo(200);
    }

    @Test
    void aKilledBackendBreaksTheStreamForCurlAlsoCompressedAndThroughNginx() throws IOException {
        try (Nginx nginx = Nginx.inFrontOf(server.url())) {
            List<String[]> clients = List.of(
                    curl(server.url("/api/export/noise.csv")),
                    curl(server.url("/api/export/noise")),
                    curl(server.url("/api/export/noise.json"), "--compressed"),
                    curl(nginx.url("/api/export/noise")),
                    curl(nginx.url("/api/export/noise.csv"), "--compressed"));
            for (String[] curl : clients) {
                try (Command client = Command.start(curl)) {
                    await().atMost(LONG).until(() -> client.printed() > 0);
                    terminateBackends();
                    assertThat(client.exitCode()).as(String.join(" ", curl)).isIn(18, 56, 92);
                }
            }
        }
    }

    @Test
    void aRowThatFailsMidStreamBreaksTheConnection() {
        for (String option : List.of("--no-buffer", "--compressed")) {
            try (Command client =
                    Command.start("curl", "-s", option, "-o", "/dev/null", server.url("/api/export/fails-late"))) {
                assertThat(client.exitCode()).isEqualTo(18);
            }
        }
    }

    @Test
    void anErrorBeforeTheFirstByteIsAProblemAndNothingElse() {
        HttpResponse<String> response = get("fails-at-once.csv");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(response.headers().firstValue("Content-Disposition")).isEmpty();
        JsonNode problem = Json.parse(response.body());
        assertThat(problem.get("code").asText()).isEqualTo("query_failed");
        assertThat(problem.get("detail").asText()).contains("22012");
        assertThat(problem.get("requestId").asText())
                .isEqualTo(response.headers().firstValue("X-Request-Id").orElseThrow());
    }

    @Test
    void aQueryThatSortsForTooLongIsAnsweredInTimeAndCancelled() {
        HttpResponse<String> response = get("sorted");

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(Json.parse(response.body()).get("code").asText()).isEqualTo("query_timeout");
        await().atMost(LONG).until(() -> busy() == 0);
    }

    @Test
    void aQueryThatSortsWhoseClientLeavesIsCancelledByTheFirstRowTimeOutAtTheLatest() {
        SlowClient client = new SlowClient(server.url("/api/export/sorted"));
        await().atMost(LONG).until(() -> busy() == 1);

        client.reset();

        await().atMost(LONG).until(() -> busy() == 0 && running() == 0);
    }

    @Test
    void tooManyExportsWaitInTurnAndThenAreRefused() {
        try (TestServer narrow = narrow()) {
            SlowClient first = new SlowClient(narrow.url("/api/export/large"));
            assertThat(first.read(100)).startsWith("HTTP/1.1 200");
            CompletableFuture<HttpResponse<String>> second = CLIENT.sendAsync(
                    HttpRequest.newBuilder(URI.create(narrow.url("/api/export/small")))
                            .build(),
                    BodyHandlers.ofString());
            await().atMost(LONG).until(() -> figure(narrow, "exports", "waiting") == 1);

            HttpResponse<String> third = get(narrow, "small");
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(third.headers().firstValue("Retry-After")).isPresent();
            assertThat(Json.parse(third.body()).get("code").asText()).isEqualTo("too_many_exports");

            HttpResponse<String> late = second.join();
            assertThat(late.statusCode()).isEqualTo(503);
            assertThat(late.headers().firstValue("Retry-After")).isPresent();
            assertThat(Json.parse(late.body()).get("code").asText()).isEqualTo("busy");

            CompletableFuture<HttpResponse<String>> fourth = CLIENT.sendAsync(
                    HttpRequest.newBuilder(URI.create(narrow.url("/api/export/small")))
                            .build(),
                    BodyHandlers.ofString());
            await().atMost(LONG).until(() -> figure(narrow, "exports", "waiting") == 1);
            first.reset();
            assertThat(fourth.join().statusCode()).isEqualTo(200);
        }
    }

    private static TestServer narrow() {
        return TestServer.demo(database)
                .set("demo-rows", "0")
                .set("export.concurrency", "1")
                .set("export.per-caller", "2")
                .set("export.queue-timeout", "3s")
                .set("export.spooled", "0")
                .set("dataset.large.sql", "SELECT g AS id, repeat('x', 1000) AS text FROM generate_series(1, 250000) g")
                .set("dataset.large.read", "public")
                .set("dataset.small.sql", "SELECT g AS id FROM generate_series(1, 10) g")
                .set("dataset.small.read", "public")
                .start();
    }

    private static String[] curl(String url, String... options) {
        List<String> command = new ArrayList<>(List.of("curl", "-s", "--no-buffer", "--limit-rate", "10M"));
        command.addAll(Arrays.asList(options));
        command.add(url);
        return command.toArray(String[]::new);
    }

    private static HttpResponse<String> get(String dataset) {
        return get(server, dataset);
    }

    private static HttpResponse<String> get(TestServer from, String dataset) {
        try {
            return CLIENT.send(
                    HttpRequest.newBuilder(URI.create(from.url("/api/export/" + dataset)))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Export sessions of this database that do something or keep a transaction open. */
    private static int busy() {
        return number("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'sluice-export%' AND datname ="
                + " current_database() AND state <> 'idle'");
    }

    /** Of those, the ones that do nothing until we read, in a COPY, or ask, with a cursor. */
    private int waitingForUs() {
        return number("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'sluice-export%' AND datname ="
                + " current_database() AND state <> 'idle' AND wait_event = '"
                + (lane == Lane.COPY ? "ClientWrite" : "ClientRead") + "'");
    }

    private static void terminateBackends() {
        number("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE"
                + " 'sluice-export%' AND datname = current_database() AND state <> 'idle'");
    }

    private static int number(String query) {
        try (Connection connection = database.connectAsAdmin();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static int running() {
        return figure(server, "exports", "running");
    }

    private static int activeConnections() {
        return figure(server, "exports", "connections");
    }

    private static int figure(TestServer of, String group, String name) {
        return stats(of).get(group).get(name).asInt();
    }

    private static JsonNode stats(TestServer of) {
        return Json.parse(request(of.url("/api/stats")));
    }

    private static String request(String url) {
        try {
            return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Threads that stream or read rows at this moment, blocked or not. */
    private static List<String> threadsAtWork() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(ExportEndsIT::isAtWork)
                .map(entry -> entry.getKey().getName())
                .toList();
    }

    private static boolean isAtWork(Map.Entry<Thread, StackTraceElement[]> entry) {
        return Arrays.stream(entry.getValue())
                .map(StackTraceElement::getClassName)
                .anyMatch(WORKING::contains);
    }

    private static long descriptors() {
        String[] open = new File("/proc/self/fd").list();
        return open == null ? 0 : open.length;
    }
}
