package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.db.Database;
import dev.sluice.settings.DatabaseSettings;
import dev.sluice.settings.DemoSettings;
import dev.sluice.support.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DemoDataIT {
    private static final long BATCH = 1_000;

    private TestDatabase server;
    private Database database;

    @BeforeEach
    void open() {
        server = TestDatabase.create();
        database = open(server);
    }

    @AfterEach
    void close() {
        database.close();
        server.close();
    }

    @Test
    void fills_the_demo_tables() throws SQLException {
        demo(2_500).prepare();

        assertThat(ask("SELECT count(*) FROM demo.users")).isEqualTo("2500");
        assertThat(ask("SELECT count(*) FROM demo.tasks")).isEqualTo("1000");
        assertThat(ask("SELECT count(*) FROM demo.logs")).isEqualTo("10000");
        assertThat(ask("SELECT count(*) FROM demo.events")).isEqualTo("500");
    }

    @Test
    void tops_up_the_users_in_batches_and_removes_nothing() throws SQLException {
        demo(1_500).prepare();
        String before = fingerprint("users ORDER BY created_at, id LIMIT 1500");

        demo(2_010).prepare();
        demo(10).prepare();

        assertThat(ask("SELECT count(*) FROM demo.users")).isEqualTo("2010");
        assertThat(fingerprint("users ORDER BY created_at, id LIMIT 1500")).isEqualTo(before);
    }

    @Test
    void completes_the_users_when_some_are_missing_before_the_last() throws SQLException {
        demo(1_000).prepare();
        server.execute("DELETE FROM demo.users WHERE email <> 'user7@example.com'");

        demo(1_000).prepare();

        assertThat(ask("SELECT count(*) FROM demo.users")).isEqualTo("1000");
    }

    @Test
    void leaves_what_people_did_to_the_other_tables() throws SQLException {
        demo(0).prepare();
        server.execute(
                "DELETE FROM demo.tasks WHERE id > 3",
                "UPDATE demo.tasks SET title = 'mine' WHERE id = 1",
                "INSERT INTO demo.tasks (title) VALUES ('new')");

        demo(0).prepare();

        assertThat(ask("SELECT string_agg(id::text, ' ' ORDER BY id) FROM demo.tasks"))
                .isEqualTo("1 2 3 1001");
        assertThat(ask("SELECT title FROM demo.tasks WHERE id = 1")).isEqualTo("mine");
    }

    @Test
    void two_nodes_may_start_at_once() throws Exception {
        ExecutorService nodes = Executors.newFixedThreadPool(2);
        try {
            Future<?> one = nodes.submit(this::prepare);
            Future<?> two = nodes.submit(this::prepare);
            one.get();
            two.get();
        } finally {
            nodes.shutdownNow();
        }

        assertThat(ask("SELECT count(*) FROM demo.users")).isEqualTo("5000");
        assertThat(ask("SELECT count(*) FROM demo.events")).isEqualTo("500");
    }

    @Test
    void users_lie_on_disk_in_the_order_of_their_key() throws SQLException {
        demo(10_000).prepare();

        assertThat(ask("SELECT correlation > 0.999 FROM pg_stats WHERE schemaname = 'demo' AND tablename = 'users'"
                        + " AND attname = 'created_at'"))
                .isEqualTo("t");
        assertThat(ask("SELECT count(DISTINCT created_at) FROM demo.users")).isEqualTo("10000");
    }

    @Test
    void every_column_of_events_has_nulls_and_several_values() throws SQLException {
        demo(0).prepare();

        assertThat(ask("SELECT string_agg(key, ' ') FROM (SELECT key FROM demo.events AS e, jsonb_each(to_jsonb(e))"
                        + " WHERE key <> 'id' GROUP BY key"
                        + " HAVING count(*) FILTER (WHERE value = 'null') < 10 OR count(DISTINCT value) < 3) AS poor"))
                .isEqualTo("null");
    }

    @Test
    void tasks_depend_on_earlier_tasks_alone() throws SQLException {
        demo(0).prepare();

        assertThat(ask("SELECT count(*) FROM demo.tasks WHERE dependencies <> '{}'"))
                .isNotEqualTo("0");
        assertThat(ask("SELECT count(*) FROM demo.tasks AS t, unnest(dependencies) AS d"
                        + " WHERE d >= t.id OR NOT EXISTS (SELECT FROM demo.tasks WHERE id = d)"))
                .isEqualTo("0");
    }

    @Test
    void the_rows_are_the_same_on_the_machines_own_postgresql() throws SQLException {
        Optional<TestDatabase> local = TestDatabase.local();
        assumeThat(local).as("a PostgreSQL of this machine").isPresent();
        try (TestDatabase other = local.orElseThrow();
                Database otherDatabase = open(other)) {
            demo(1_000).prepare();
            new DemoData(otherDatabase, new DemoSettings(true, 1_000)).prepare();
            for (String table : new String[] {"users ORDER BY id", "tasks", "logs", "events"}) {
                assertThat(fingerprint(other, table)).isEqualTo(fingerprint(server, table));
            }
        }
    }

    private void prepare() {
        try {
            demo(5_000).prepare();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private DemoData demo(int rows) {
        return new DemoData(database, new DemoSettings(true, rows), BATCH);
    }

    private static Database open(TestDatabase server) {
        DatabaseSettings settings = new DatabaseSettings(
                Optional.of(server.jdbcUrl()),
                Optional.of(server.user()),
                Optional.of(server.password()),
                4,
                Duration.ZERO);
        return Database.unpooled("test", settings);
    }

    private String fingerprint(String rows) throws SQLException {
        return fingerprint(server, rows);
    }

    private static String fingerprint(TestDatabase server, String rows) throws SQLException {
        return ask(server, "SELECT md5(string_agg(r::text, E'\\n')) FROM (SELECT * FROM demo." + rows + ") AS r");
    }

    private String ask(String question) throws SQLException {
        return ask(server, question);
    }

    private static String ask(TestDatabase server, String question) throws SQLException {
        try (Connection connection = server.connect();
                ResultSet answer = connection.createStatement().executeQuery(question)) {
            answer.next();
            return String.valueOf(answer.getString(1));
        }
    }
}
