package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** What is counted of an export: its rows, its bytes, and who took the time. */
@InBothLanes
@SuppressWarnings("NullAway.Init") // made before all tests
class ExportMetricsIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final int ROWS = 12_345;

    @Parameter
    private Lane lane;

    private static TestServer server;
    private static ExportNode node;

    @BeforeParameterizedClassInvocation
    static void start(Lane lane) throws SQLException {
        TestDatabase database = TestDatabase.create();
        server = ExportNode.settings(database)
                .set("demo-rows", "10")
                .set("export.lane", lane.label())
                .set(
                        "dataset.sized.sql",
                        "SELECT g AS id, repeat('x', 100) AS text FROM generate_series(1, " + ROWS + ") g")
                .set("dataset.sized.read", "public")
                .set("dataset.large.sql", "SELECT g AS id, repeat('x', 1000) AS text FROM generate_series(1, 250000) g")
                .set("dataset.large.read", "public")
                .set(
                        "dataset.pausing.sql",
                        "SELECT g AS id, repeat('x', 1000) AS text, CASE g WHEN 3000 THEN pg_sleep(" + PAUSE.toSeconds()
                                + ")::text END AS pause FROM generate_series(1, 5000) g")
                .set("dataset.pausing.read", "public")
                .start();
        node = new ExportNode(database, server);
    }

    @AfterParameterizedClassInvocation
    static void stop() throws SQLException {
        node.close();
    }

    @Test
    void rows_and_bytes_are_those_of_the_text() {
        double rows = rows();
        double bytes = bytes();
        double complete = Metrics.exports(server, "complete", lane);

        HttpReply plain = node.get("/sized.csv");
        assertThat(plain.complete()).isTrue();
        assertThat(rows() - rows).isEqualTo(ROWS);
        assertThat(bytes() - bytes).isEqualTo(plain.body().length);

        HttpReply compressed = node.get("/sized.csv", "Accept-Encoding: gzip");
        assertThat(compressed.unzipped()).isEqualTo(plain.body());
        assertThat(rows() - rows).isEqualTo(2 * ROWS);
        assertThat(bytes() - bytes).isEqualTo(2 * plain.body().length);
        assertThat(Metrics.exports(server, "complete", lane) - complete).isEqualTo(2);
    }

    @Test
    void what_a_client_does_not_take_for_a_while_is_the_clients_time() {
        double before = waited("client");
        double allBefore = waited();
        long began = System.nanoTime();

        try (SlowClient slow = new SlowClient(server.url("/api/export/large.csv"))) {
            assertThat(slow.read(100)).startsWith("HTTP/1.1 200");
            await().during(PAUSE).atMost(LONG).until(ExportMetricsIT::databaseWaitsForUs);
            slow.reset();
        }

        await().atMost(LONG)
                .untilAsserted(() -> assertThat(waited("client") - before).isGreaterThan(PAUSE.toSeconds() / 2.0));
        assertThat(waited() - allBefore).isLessThan(secondsSince(began));
    }

    @Test
    void what_a_database_does_not_give_for_a_while_is_the_databases_time() {
        double before = waited("database");
        double allBefore = waited();
        long began = System.nanoTime();

        assertThat(node.get("/pausing.csv").complete()).isTrue();

        assertThat(waited("database") - before).isGreaterThan(PAUSE.toSeconds() / 2.0);
        assertThat(waited() - allBefore).isLessThan(secondsSince(began));
    }

    private static double rows() {
        return Metrics.value(server, "sluice_export_rows_total");
    }

    private static double bytes() {
        return Metrics.value(server, "sluice_export_bytes_total");
    }

    private static double waited(String whom) {
        return Metrics.value(server, "sluice_export_wait_seconds_total{for=\"" + whom + "\"}");
    }

    private static double waited() {
        return Stream.of("queue", "database", "client")
                .mapToDouble(ExportMetricsIT::waited)
                .sum();
    }

    private static double secondsSince(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    /** Whether the one export's session does nothing until we read or ask. */
    private static boolean databaseWaitsForUs() throws SQLException {
        return node
                .column("SELECT wait_event FROM pg_stat_activity WHERE application_name LIKE 'sluice-export%'"
                        + " AND datname = current_database() AND state <> 'idle'")
                .stream()
                .anyMatch(event -> "ClientWrite".equals(event) || "ClientRead".equals(event));
    }
}
