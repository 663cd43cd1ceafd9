package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.Command;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** A database that says nothing for longer than {@code export.statement-timeout}, in the midst of its rows. */
@InBothLanes
@SuppressWarnings("NullAway.Init") // made before all tests
class StatementTimeoutIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    /** Rows of a kilobyte before the pause, less than what a batch or the backend holds back. */
    private static final long BYTES_BEFORE = 19_000_000;

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
                .set("export.statement-timeout", "1s")
                .set(
                        "dataset.silent.sql",
                        "SELECT g AS id, repeat('x', 1000) AS text, CASE g WHEN 20000 THEN pg_sleep(60)::text END AS pause"
                                + " FROM generate_series(1, 30000) g")
                .set("dataset.silent.read", "public")
                .start();
        node = new ExportNode(database, server);
    }

    @AfterParameterizedClassInvocation
    static void stop() throws SQLException {
        node.close();
    }

    /** A cursor's batch by the server itself; a COPY, which is one statement however long it is, by its silence. */
    @Test
    void a_database_that_falls_silent_cuts_the_export() throws Exception {
        double before = Metrics.exports(server, "source-failed", lane);

        try (Command curl = Command.start("curl", "-s", server.url("/api/export/silent.csv"))) {
            assertThat(curl.exitCode()).isEqualTo(18);
            assertThat(curl.printed()).isGreaterThan(BYTES_BEFORE);
        }

        assertThat(Metrics.exports(server, "source-failed", lane)).isEqualTo(before + 1);
        await().atMost(LONG).until(() -> busy().isEmpty());
    }

    /** Export sessions that do something or keep a transaction open. */
    private static List<String> busy() throws SQLException {
        return node.column("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'sluice-export%'"
                + " AND datname = current_database() AND state <> 'idle'");
    }
}
