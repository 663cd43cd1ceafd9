package dev.sluice.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.CuttingProxy;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@code client/export.js} relies on in a browser, and what it does when the database session is killed. */
class ExportClientIT {
    /** More, compressed as well, than all buffers between the database and a page that reads nothing. */
    private static final String MANY = "CREATE TABLE many AS SELECT g AS id,"
            + " md5('a' || g) || md5('b' || g) || md5('c' || g) || md5('d' || g) AS text"
            + " FROM generate_series(1, 250000) g";

    private static final int ROWS = 250_000;

    private static final String BEGIN = """
            async () => {
                const { exportRows } = await import('/client/export.js');
                window.rows = exportRows('many', { backoff: 50 });
                window.ids = [];
                for (let i = 0; i < 10; i++) window.ids.push((await window.rows.next()).value.id);
            }
            """;

    private static final String FINISH = """
            async () => {
                for await (const row of window.rows) window.ids.push(row.id);
                const inOrder = window.ids.every((id, i) => id === i + 1);
                return { count: window.ids.length, inOrder, resumed: window.rows.resumed };
            }
            """;

    /** Ends the export sessions that are in a transaction, and says how many those are. */
    private static final String KILL = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND application_name LIKE 'sluice-export%'"
            + " AND xact_start IS NOT NULL";

    private static final String FETCH = """
            path => fetch(path).then(answer => answer.text()).then(text => `whole: ${text.length}`, error => error.name)
            """;

    private static TestDatabase database;
    private static TestServer server;
    private static CuttingProxy network;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        database.execute(MANY, "ALTER TABLE many ADD PRIMARY KEY (id)", "ANALYZE many");
        server = TestServer.with(database)
                .set("dataset.many.table", "public.many")
                .set("dataset.many.read", "public")
                .set("dataset.failing.sql", "SELECT id, text, 1 / (200000 - id) AS one FROM public.many ORDER BY id")
                .set("dataset.failing.read", "public")
                .set("export.per-caller", "8")
                .start();
        network = CuttingProxy.inFrontOf(server.url());
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        network.close();
        server.close();
        database.close();
    }

    @Test
    void anExportWhoseSessionIsKilledGoesOnAndGivesEveryRowOnce() {
        try (Tab tab = chromium.open(server.url()).visit("exports#many")) {
            com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat(tab.find("#preview-status"))
                    .containsText("The first 50 rows");
            tab.page().evaluate(BEGIN);
            await().atMost(Duration.ofMinutes(1)).until(() -> kill() >= 1);
            assertThat(tab.page().evaluate(FINISH)).isEqualTo(Map.of("count", ROWS, "inOrder", true, "resumed", 1));
        }
    }

    /** CSV has no end record: the browser itself has to tell. */
    @Test
    void fetchRejectsCsvThatIsCut() {
        try (Tab tab = chromium.open(network.url()).visit("exports#failing")) {
            network.cutAfter();
            assertThat(tab.page().evaluate(FETCH, "/api/export/failing.csv")).isEqualTo("TypeError");
            assertThat(String.valueOf(tab.page().evaluate(FETCH, "/api/export/many.csv")))
                    .startsWith("whole: ");
            network.cutAfter(1_000_000);
            assertThat(tab.page().evaluate(FETCH, "/api/export/many.csv")).isEqualTo("TypeError");
            assertThat(network.cuts()).isEqualTo(1);
        }
    }

    private static int kill() throws SQLException {
        try (Connection connection = database.connectAsAdmin();
                ResultSet killed = connection.createStatement().executeQuery(KILL)) {
            killed.next();
            return killed.getInt(1);
        }
    }
}
