package dev.sluice.export;

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
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A database session that answers nothing any more, not even a cancel, keeps no export and no place for ever. */
class SilentDatabaseIT {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @Test
    void anExportWhoseSessionIsStoppedIsBrokenOff() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = start(database)) {
            SlowClient client = new SlowClient(server.url("/api/export/slow"));
            assertThat(client.read(100)).startsWith("HTTP/1.1 200");
            long session = session(database);
            signal(session, "STOP");
            try {
                client.reset();
                await().atMost(LONG).until(() -> figure(server, "running") == 0);
                assertThat(get(server, "/api/export/short")).hasLineCount(10);
            } finally {
                signal(session, "CONT");
            }
        }
    }

    private static TestServer start(TestDatabase database) {
        return TestServer.demo(database)
                .set("demo-rows", "0")
                .set("export.concurrency", "1")
                .set("export.statement-timeout", "2s")
                .set("dataset.slow.sql", "SELECT g AS id, pg_sleep(0.1)::text AS s FROM generate_series(1, 100000) g")
                .set("dataset.slow.read", "public")
                .set("dataset.short.sql", "SELECT g AS id FROM generate_series(1, 10) g")
                .set("dataset.short.read", "public")
                .start();
    }

    private static long session(TestDatabase database) throws SQLException {
        try (Connection connection = database.connectAsAdmin();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pid FROM pg_stat_activity WHERE application_name LIKE"
                        + " 'sluice-export%' AND datname = current_database() AND state = 'active'")) {
            assertThat(row.next()).isTrue();
            return row.getLong(1);
        }
    }

    private static void signal(long process, String signal) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static int figure(TestServer server, String name) throws Exception {
        JsonNode stats = Json.parse(get(server, "/api/stats"));
        return stats.get("exports").get(name).asInt();
    }

    private static String get(TestServer server, String path) throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(server.url(path))).build(), BodyHandlers.ofString())
                .body();
    }
}
