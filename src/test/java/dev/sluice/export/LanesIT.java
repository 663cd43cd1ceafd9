package dev.sluice.export;

import static dev.sluice.export.ExportNode.assertBody;
import static dev.sluice.export.ExportNode.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.flow.Workers;
import dev.sluice.settings.ExportSettings;
import dev.sluice.support.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** By which lane {@code export.lane=auto} serves what, by the metric; and that a COPY that was given up leaves no trace. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // made before all tests
class LanesIT {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String ROWS = "SELECT id, word, text FROM shop.rows";
    /** A backend holds a COPY's rows back until it has 8 KiB, which are the first 20: for half a second. */
    private static final String PAUSE = "CASE WHEN id <= 30 THEN pg_sleep(0.03)::text END AS pause";

    private static final String AFTER_PAUSE = "CASE WHEN id <= 30 THEN '' END AS pause";

    private TestDatabase database;
    private ExportNode node;

    @BeforeAll
    void start() throws SQLException {
        database = TestDatabase.create();
        String web = database.name() + "_web";
        database.executeAsAdmin("CREATE ROLE " + web + " NOLOGIN", "GRANT " + web + " TO " + database.user());
        database.execute(
                "CREATE SCHEMA shop",
                "CREATE TABLE shop.rows (id int PRIMARY KEY, word text COLLATE \"C\", text text)",
                "INSERT INTO shop.rows SELECT i, 'w' || lpad((i / 400)::text, 4, '0'), repeat(chr(65 + i % 26), 300)"
                        + " FROM generate_series(1, 20000) AS i",
                "CREATE INDEX ON shop.rows (word)",
                "ANALYZE shop.rows",
                "CREATE TABLE shop.owned AS SELECT id, text, CASE WHEN id % 2 = 0 THEN '" + web
                        + "' END AS owner FROM shop.rows",
                "ALTER TABLE shop.owned ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY own ON shop.owned FOR SELECT TO " + web + " USING (owner = current_user)",
                "ANALYZE shop.owned",
                "GRANT USAGE ON SCHEMA shop TO " + web,
                "GRANT SELECT ON shop.owned TO " + web);
        node = new ExportNode(
                database,
                ExportNode.settings(database)
                        .set("demo-rows", "10")
                        .set("export.lane", "auto")
                        .set("export.concurrency", "1")
                        .set("export.rls-role", web)
                        .set("dataset.rows.table", "shop.rows")
                        .set("dataset.rows.read", "public")
                        .set("dataset.slow.sql", "SELECT id, text, " + PAUSE + " FROM shop.rows")
                        .set("dataset.slow.read", "public")
                        .set("dataset.slow-owned.sql", "SELECT id, text, " + PAUSE + " FROM shop.owned")
                        .set("dataset.slow-owned.read", "public")
                        .set("dataset.slow-owned.rls", "true")
                        .set(
                                "dataset.sorted.sql",
                                "SELECT s.id, s.text FROM (SELECT id, text, CASE id WHEN 1 THEN pg_sleep(1)::text END AS pause"
                                        + " FROM shop.rows OFFSET 0) AS s ORDER BY md5(s.text), s.pause, s.id")
                        .set("dataset.sorted.read", "public")
                        .set("dataset.fails.sql", "SELECT 1 / (id - 1) AS x, text FROM shop.rows")
                        .set("dataset.fails.read", "public")
                        .start());
    }

    @AfterAll
    void stop() throws SQLException {
        String web = database.name() + "_web";
        database.executeAsAdmin("DROP OWNED BY " + web, "DROP ROLE " + web);
        node.close();
    }

    @Test
    void few_rows_come_through_a_cursor() throws Exception {
        assertServed(Lane.CURSOR, () -> node.get("/rows.csv", "limit", "20"), csv(ROWS + " ORDER BY id LIMIT 20"));
        assertServed(Lane.CURSOR, () -> node.get("/rows", "id", "eq.7"), json(ROWS + " WHERE id = 7"));
    }

    @Test
    void many_rows_come_by_copy() throws Exception {
        assertServed(Lane.COPY, () -> node.get("/rows.csv"), csv(ROWS + " ORDER BY id"));
        assertServed(Lane.COPY, () -> node.get("/rows"), json(ROWS + " ORDER BY id"));
    }

    @Test
    void values_whose_settings_plan_as_well_go_by_copy() throws Exception {
        assertServed(
                Lane.COPY, () -> node.get("/rows.csv", "id", "lt.1500"), csv(ROWS + " WHERE id < 1500 ORDER BY id"));
        assertServed(
                Lane.COPY,
                () -> node.get("/rows", "id", "gte.9000", "word", "neq.w0030"),
                json(ROWS + " WHERE id >= 9000 AND word <> 'w0030' ORDER BY id"));
    }

    @Test
    void values_that_the_planner_must_know_are_bound_by_a_cursor() throws Exception {
        assertServed(
                Lane.CURSOR,
                () -> node.get("/rows.csv", "word", "like.w0012*"),
                csv(ROWS + " WHERE word LIKE 'w0012%' ORDER BY id"));
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.addAll(List.of("text", "neq.nothing " + i));
        }
        assertServed(Lane.CURSOR, () -> node.get("/rows", many.toArray(String[]::new)), json(ROWS + " ORDER BY id"));
    }

    @Test
    void a_sort_may_take_its_time_before_a_copy() throws Exception {
        assertServed(
                Lane.COPY,
                () -> node.get("/sorted.csv"),
                csv("SELECT id, text FROM shop.rows ORDER BY md5(text), CASE id WHEN 1 THEN '' END, id"));
    }

    @Test
    void a_copy_whose_first_rows_are_slow_gives_way_to_a_cursor_on_the_same_session() throws Exception {
        assertThat(node.get("/rows.csv").status()).isEqualTo(200);
        await().atMost(LONG).until(() -> sessions().stream().allMatch(session -> session.endsWith(" idle")));
        List<String> sessions = sessions();
        String slow = "SELECT id, text, " + AFTER_PAUSE + " FROM shop.rows";

        assertServed(Lane.CURSOR, () -> node.get("/slow.csv"), csv(slow));
        assertServed(
                Lane.CURSOR,
                () -> node.get("/slow", "id", "lt.19000", "text", "neq.it's; ?"),
                json(slow + " WHERE id < 19000"));

        for (int i = 0; i < 5; i++) {
            assertServed(Lane.COPY, () -> node.get("/rows.csv"), csv(ROWS + " ORDER BY id"));
            assertServed(Lane.CURSOR, () -> node.get("/rows", "id", "eq.7"), json(ROWS + " WHERE id = 7"));
        }
        assertInOrder(sessions);
    }

    @Test
    void the_cursor_after_a_copy_still_runs_as_the_caller() throws Exception {
        assertServed(
                Lane.CURSOR,
                () -> node.get("/slow-owned.csv"),
                csv("SELECT id, text, " + AFTER_PAUSE + " FROM shop.owned WHERE id % 2 = 0"));
    }

    @Test
    void a_copy_that_fails_at_once_is_a_problem_and_no_reason_for_a_cursor() throws Exception {
        assertThat(node.get("/rows.csv").status()).isEqualTo(200);
        await().atMost(LONG).until(() -> sessions().stream().allMatch(session -> session.endsWith(" idle")));
        List<String> sessions = sessions();

        for (int i = 0; i < 5; i++) {
            assertThat(assertProblem(node.get("/fails"), 500, "query_failed", "22012"))
                    .isNotNull();
        }

        assertServed(Lane.COPY, () -> node.get("/rows.csv"), csv(ROWS + " ORDER BY id"));
        assertInOrder(sessions);
    }

    @Test
    void what_was_set_for_a_copy_is_undone_for_the_cursor() throws Exception {
        ExecutorService workers = Workers.create("lanes", 2);
        Statement select = new Statement.Builder()
                .sql("SELECT text, " + PAUSE + " FROM shop.rows WHERE id < ")
                .value("100", "int4")
                .build();
        List<OutputColumn> columns =
                List.of(Binary.column("text", BinaryType.TEXT), Binary.column("pause", BinaryType.TEXT));
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            Cancellation cancellation = new Cancellation(InstantSource.system());
            cancellation.on(connection);
            Lanes lanes =
                    new Lanes(Fixture.limits(ExportSettings.Lane.AUTO, Duration.ofSeconds(77)), cancellation, workers);

            RowSource rows = lanes.open(connection, select, columns, new Estimate(0, 10_000, 20_000, 400));

            assertThat(rows.lane()).isEqualTo(Lane.CURSOR);
            int count = 0;
            while (rows.next()) {
                count++;
            }
            assertThat(count).isEqualTo(99);
            assertThat(ask(connection, "SHOW statement_timeout")).isEqualTo("77s");
            assertThat(ask(connection, "SELECT coalesce(current_setting('sluice.p1', true), '')"))
                    .isEmpty();
            rows.close();
            connection.rollback();
            assertThat(ask(connection, "SELECT 'in order'")).isEqualTo("in order");
        } finally {
            workers.shutdown();
        }
    }

    /** The answer is right, and the metric says that it came by this lane. */
    private void assertServed(Lane lane, Supplier<HttpReply> request, byte[] expected) {
        Lane served = serve(request, expected);
        // On a busy machine the first rows of any COPY may be late.
        for (int i = 1; i < 10 && served != lane && lane == Lane.COPY; i++) {
            served = serve(request, expected);
        }
        assertThat(served).isEqualTo(lane);
    }

    private Lane serve(Supplier<HttpReply> request, byte[] expected) {
        Map<Lane, Integer> before = served();
        assertBody(request.get(), expected);
        await().atMost(LONG).until(() -> !served().equals(before));
        Map<Lane, Integer> after = served();
        Lane lane = Objects.equals(after.get(Lane.COPY), before.get(Lane.COPY)) ? Lane.CURSOR : Lane.COPY;
        before.merge(lane, 1, Integer::sum);
        assertThat(after).isEqualTo(before);
        return lane;
    }

    /** None was broken off, and none is in a transaction; the pool may have made another one. */
    private void assertInOrder(List<String> sessions) {
        await().atMost(LONG)
                .untilAsserted(() ->
                        assertThat(sessions()).containsAll(sessions).allMatch(session -> session.endsWith(" idle")));
    }

    private Map<Lane, Integer> served() {
        String metrics = node.raw("GET /metrics HTTP/1.1").text();
        Map<Lane, Integer> served = new EnumMap<>(Lane.class);
        for (Lane lane : Lane.values()) {
            String name = "sluice_exports_total{end=\"complete\",lane=\"" + lane.label() + "\"} ";
            served.put(
                    lane,
                    metrics.lines()
                            .filter(line -> line.startsWith(name))
                            .mapToInt(line -> (int) Double.parseDouble(line.substring(name.length())))
                            .sum());
        }
        return served;
    }

    /** Those that exports keep, and what they do. */
    private List<String> sessions() throws SQLException {
        return node.column(
                "SELECT pid || ' ' || state FROM pg_stat_activity WHERE application_name LIKE 'sluice-export%'"
                        + " AND datname = current_database() ORDER BY 1");
    }

    private byte[] csv(String query) throws Exception {
        return node.copyCsv(query);
    }

    private byte[] json(String query) throws SQLException {
        return node.rowToJson(query);
    }

    private static String ask(Connection connection, String query) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            assertThat(row.next()).isTrue();
            return new String(row.getBytes(1), StandardCharsets.UTF_8);
        }
    }
}
