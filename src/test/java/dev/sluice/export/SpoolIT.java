package dev.sluice.export;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.Command;
import dev.sluice.support.ServerProcess;
import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Slow clients do not keep connections from others. */
class SpoolIT {
    private static final boolean FULL = Boolean.getBoolean("sluice.test.full");
    /** Of 260 bytes each: more than all buffers on the way hold. */
    private static final int ROWS = 60_000;

    private static final int CLIENTS = FULL ? 100 : 30;
    private static final int NEWCOMERS = FULL ? 30 : 5;
    /** How long a newcomer waits for his first byte. */
    private static final Duration PROMISED = Duration.ofSeconds(2);
    /** For the first of them, who waits behind all the slow ones on a machine that has other things to do. */
    private static final Duration LONGEST = PROMISED.multipliedBy(30);

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestDatabase database;

    @BeforeEach
    void create() {
        database = TestDatabase.create();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void aNewcomerIsServedSoonHoweverManySlowClientsCameAtOnce() throws Exception {
        try (TestServer server = start("export.concurrency", "8", "export.queue-timeout", "2m")) {
            List<SlowClient> slow = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                slow.add(new SlowClient(server.url("/api/export/long.csv")));
            }
            ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
            Future<?> reading = pace.scheduleAtFixedRate(() -> slow.forEach(SpoolIT::trickle), 0, 100, MILLISECONDS);
            try {
                List<Duration> waits = new ArrayList<>();
                for (int i = 0; i < NEWCOMERS; i++) {
                    waits.add(timeToFirstByte(server));
                }
                Collections.sort(waits);
                assertThat(waits.get(NEWCOMERS / 2)).as("median of %s", waits).isLessThan(PROMISED);
                assertThat(waits).allMatch(wait -> wait.compareTo(LONGEST) < 0);
                // Eight connections for all of them, and none of them lost to the slow ones.
                await().atMost(LONG)
                        .until(() -> figure(server, "spooled") >= CLIENTS - 8 && figure(server, "waiting") == 0);
                assertThat(figure(server, "connections")).isLessThanOrEqualTo(8);
                assertThat(figure(server, "spoolBytes")).isPositive();
                assertThat(filesIn(server.data())).isEmpty();
                assertThat(reading).isNotDone();
            } finally {
                pace.shutdown();
                assertThat(pace.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
                slow.forEach(SlowClient::reset);
            }
            await().atMost(LONG).until(() -> figure(server, "spooled") == 0 && figure(server, "spoolBytes") == 0);
            await().atMost(LONG).until(() -> figure(server, "connections") == 0);
            assertThat(get(server, "/api/export/short")).hasLineCount(10);
        }
    }

    /** One who comes a second after the one before; he waits in the queue like all others. */
    private static Duration timeToFirstByte(TestServer server) throws InterruptedException {
        long start = System.nanoTime();
        Duration wait;
        try (SlowClient newcomer = new SlowClient(server.url("/api/export/long.csv"))) {
            assertThat(newcomer.read(1)).isEqualTo("H");
            wait = Duration.ofNanos(System.nanoTime() - start);
            assertThat(figure(server, "connections")).isLessThanOrEqualTo(8);
        }
        TimeUnit.NANOSECONDS.sleep(start + 1_000_000_000 - System.nanoTime());
        return wait;
    }

    /** 50 kB/s. */
    private static void trickle(SlowClient client) {
        client.take(5_000);
    }

    @Test
    void allConnectionsAreFreeOnceSlowClientsAreServedFromTheSpool() throws Exception {
        try (TestServer server = start("export.concurrency", "2", "export.max-hold", "1s");
                SlowClient first = new SlowClient(server.url("/api/export/long.csv"));
                SlowClient second = new SlowClient(server.url("/api/export/long.csv"))) {
            assertThat(first.read(100)).startsWith("HTTP/1.1 200");
            assertThat(second.read(100)).startsWith("HTTP/1.1 200");

            await().atMost(LONG)
                    .until(() -> figure(server, "spooled") == 2
                            && figure(server, "connections") == 0
                            && figure(server, "running") == 0);
        }
    }

    @Test
    void aSlowDatabaseIsNotTakenForASlowClient() throws Exception {
        try (TestServer server = start("export.concurrency", "2")) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/api/export/drops")))
                    .build();
            CompletableFuture<?> reads = CLIENT.sendAsync(request, BodyHandlers.discarding());
            await().atMost(LONG).until(() -> figure(server, "running") == 1);
            // So long that its database has kept it waiting for longer than the other one its client.
            Thread.sleep(3_000);
            try (SlowClient slow = new SlowClient(server.url("/api/export/long.csv"))) {
                assertThat(slow.read(100)).startsWith("HTTP/1.1 200");

                assertThat(get(server, "/api/export/short")).hasLineCount(10);

                assertThat(figure(server, "spooled")).isPositive();
                assertThat(reads).isNotDone();
            }
            reads.cancel(true);
        }
    }

    /** A statement that heeds no cancel for a while keeps its connection, and so its place, though its client has left. */
    @Test
    void aPlaceIsFreeOnceItsConnectionIs() throws Exception {
        database.execute("""
                CREATE FUNCTION public.stubborn() RETURNS text LANGUAGE plpgsql AS $$
                DECLARE until timestamptz := clock_timestamp() + interval '4 s';
                BEGIN
                  WHILE clock_timestamp() < until LOOP
                    BEGIN
                      PERFORM pg_sleep(0.5);
                    EXCEPTION WHEN query_canceled THEN NULL;
                    END;
                  END LOOP;
                  RETURN 'over';
                END $$""");
        try (TestServer server = start("export.concurrency", "1", "export.max-hold", "500ms");
                Connection observer = database.connect()) {
            SlowClient slow = new SlowClient(server.url("/api/export/stubborn"));
            assertThat(slow.read(100)).startsWith("HTTP/1.1 200");
            await().atMost(LONG).until(() -> figure(server, "spooled") == 1);

            slow.reset();
            assertThat(get(server, "/api/export/short")).hasLineCount(10);

            assertThat(stubbornStatements(observer)).isZero();
            await().atMost(LONG).until(() -> figure(server, "connections") == 0);
        }
    }

    private static int stubbornStatements(Connection observer) throws SQLException {
        try (ResultSet count = observer.createStatement()
                .executeQuery("SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                        + " AND query LIKE '%stubborn()%' AND pid <> pg_backend_pid()")) {
            count.next();
            return count.getInt(1);
        }
    }

    @Test
    void theStreamIsTheSameByteForByte() throws Exception {
        try (TestServer server = start("export.concurrency", "1", "export.max-hold", "10m")) {
            requireSame(server, "csv", "identity");
            requireSame(server, "ndjson?end=true", "identity");
            requireSame(server, "csv", "gzip");
            requireSame(server, "json", "gzip");
        }
    }

    private static void requireSame(TestServer server, String form, String coding) throws Exception {
        double complete = ended(server, "complete");
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/api/export/longer." + form)))
                .header("Accept-Encoding", coding)
                .build();
        String direct = digest(CLIENT.send(request, BodyHandlers.ofInputStream()));
        HttpResponse<InputStream> slow = CLIENT.send(request, BodyHandlers.ofInputStream());
        await().atMost(LONG).until(() -> figure(server, "running") == 1);

        assertThat(get(server, "/api/export/short")).hasLineCount(10);

        await().atMost(LONG).until(() -> figure(server, "spooled") == 1);
        assertThat(digest(slow)).isEqualTo(direct);
        await().atMost(LONG).until(() -> figure(server, "spooled") == 0 && figure(server, "spoolBytes") == 0);
        assertThat(ended(server, "complete")).isEqualTo(complete + 3);
    }

    @Test
    void anExportThatHasHeldItsConnectionForLongIsSpooledThoughNobodyWaits() throws Exception {
        try (TestServer server = start("export.max-hold", "1s");
                SlowClient slow = new SlowClient(server.url("/api/export/long.csv"), "Connection: close")) {
            assertThat(slow.read(100)).startsWith("HTTP/1.1 200");

            await().atMost(LONG).until(() -> figure(server, "spooled") == 1 && figure(server, "running") == 0);

            assertThat(slow.readToEnd()).endsWith("\r\n0\r\nSluice-Rows: " + ROWS + "\r\n\r\n");
        }
    }

    @Test
    void withoutRoomAnExportThatHasHeldItsConnectionForLongIsCut() throws Exception {
        try (TestServer server = start("export.max-hold", "1s", "export.spool-budget", "100K")) {
            HttpResponse<InputStream> slow = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(server.url("/api/export/longer.csv")))
                            .build(),
                    BodyHandlers.ofInputStream());

            await().atMost(LONG).until(() -> figure(server, "running") == 0);

            assertThatThrownBy(() -> slow.body().readAllBytes()).isInstanceOf(IOException.class);
            await().atMost(LONG).until(() -> ended(server, "spool-full") == 1);
            assertThat(figure(server, "spoolBytes")).isZero();
        }
    }

    @Test
    void withoutASpoolAnExportThatHasHeldItsConnectionForLongIsCut() throws Exception {
        try (TestServer server = start("export.max-hold", "1s", "export.spooled", "0")) {
            HttpResponse<InputStream> slow = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(server.url("/api/export/longer.csv")))
                            .build(),
                    BodyHandlers.ofInputStream());

            await().atMost(LONG).until(() -> figure(server, "running") == 0);

            assertThatThrownBy(() -> slow.body().readAllBytes()).isInstanceOf(IOException.class);
            await().atMost(LONG).until(() -> ended(server, "spool-full") == 1);
        }
    }

    @Test
    void aKilledServerLeavesNoFileBehind(@TempDir Path data) throws Exception {
        Map<String, String> settings = Map.of("SLUICE_EXPORT_MAX_HOLD", "500ms");
        try (ServerProcess server = ServerProcess.start(data, settings, "").awaitReady()) {
            SlowClient slow = new SlowClient(server.url() + "api/export/users");
            assertThat(slow.read(100)).startsWith("HTTP/1.1 200");
            await().atMost(LONG).until(() -> figure(server.url(), "spooled") == 1);
            server.kill();
        }
        try (ServerProcess next = ServerProcess.start(data, settings, "").awaitReady()) {
            assertThat(filesIn(data)).isEmpty();
            assertThat(figure(next.url(), "spoolBytes")).isZero();
        }
    }

    /** A disk with room for a part of it: the rest is lost, and nothing else. */
    @Test
    void aDiskThatIsFullCutsTheExportAndNothingElse(@TempDir Path data) throws Exception {
        Map<String, String> settings = Map.of("SLUICE_EXPORT_MAX_HOLD", "2s");
        try (ServerProcess server = ServerProcess.start(data, settings, "").awaitReady()) {
            try (Command limit = Command.start("prlimit", "--pid", Long.toString(server.pid()), "--fsize=100000")) {
                assertThat(limit.exitCode()).isZero();
            }
            SlowClient slow = new SlowClient(server.url() + "api/export/users");
            assertThat(slow.read(100)).startsWith("HTTP/1.1 200");

            await().atMost(LONG).until(() -> figure(server.url(), "connections") == 0);

            // It gets what was drained before, and no end.
            assertThat(slow.readToEnd()).doesNotContain("Sluice-Rows: ");
            await().atMost(LONG).until(() -> ended(server.url(), "source-failed") == 1);
            assertThat(figure(server.url(), "spoolBytes")).isZero();
            assertThat(figure(server.url(), "spooled")).isZero();
            assertThat(get(server.url() + "api/export/users?limit=10")).hasLineCount(10);
        }
    }

    private TestServer start(String... settings) {
        TestServer.Builder server = TestServer.demo(database)
                .set("demo-rows", "0")
                .set("export.per-caller", "500")
                .set("dataset.long.sql", noise(ROWS))
                .set("dataset.long.read", "public")
                .set("dataset.longer.sql", noise(4 * ROWS))
                .set("dataset.longer.read", "public")
                .set(
                        "dataset.drops.sql",
                        "SELECT g, repeat('x', 1000) AS x, pg_sleep(0.02)::text FROM generate_series(1, 9000) g")
                .set("dataset.drops.read", "public")
                .set("dataset.stubborn.sql", noise(ROWS) + " UNION ALL SELECT 0, NULL, public.stubborn()::bytea")
                .set("dataset.stubborn.read", "public")
                .set("dataset.short.sql", "SELECT g AS id FROM generate_series(1, 10) g")
                .set("dataset.short.read", "public");
        for (int i = 0; i < settings.length; i += 2) {
            server.set(settings[i], settings[i + 1]);
        }
        return server.start();
    }

    /** Of the text: where a compressor begins a new block depends on time. */
    private static String digest(HttpResponse<InputStream> response) throws Exception {
        boolean isGzip = response.headers().firstValue("Content-Encoding").isPresent();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream body = isGzip ? new GZIPInputStream(response.body()) : response.body();
                InputStream text = new DigestInputStream(body, digest)) {
            long length = text.transferTo(OutputStream.nullOutputStream());
            return length + " " + HexFormat.of().formatHex(digest.digest());
        }
    }

    /** Half of it remains when it is compressed. */
    private static String noise(int rows) {
        return "SELECT g AS id, sha512((g || 'a')::bytea) AS a, sha512((g || 'b')::bytea) AS b FROM generate_series(1, "
                + rows + ") g";
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".spool")).toList();
        }
    }

    private static int figure(TestServer server, String name) {
        return figure(server.url(), name);
    }

    private static int figure(String server, String name) {
        JsonNode stats = Json.parse(get(server + "api/stats"));
        return stats.get("exports").get(name).asInt();
    }

    private static double ended(TestServer server, String reason) {
        return ended(server.url(), reason);
    }

    private static double ended(String server, String reason) {
        return get(server + "metrics")
                .lines()
                .filter(line -> line.startsWith("sluice_exports_total{") && line.contains("end=\"" + reason + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static String get(TestServer server, String path) {
        return get(server.url(path));
    }

    private static String get(String url) {
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
}
