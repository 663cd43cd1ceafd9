package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.launch.Privileges.Way;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The embedded PostgreSQL through restarts and kills. */
class EmbeddedDatabaseIT {
    @TempDir
    Path folder;

    @AfterEach
    void stopDatabase() throws Exception {
        TestLauncher.stopOrphan(folder);
    }

    @Test
    void keeps_data_port_and_passwords_from_start_to_start() throws Exception {
        DatabaseAddress first;
        try (EmbeddedDatabase database = start()) {
            first = database.owner();
            execute(database, "CREATE TABLE t (x int)", "INSERT INTO t VALUES (42)");
        }
        assertThat(folder.resolve("postgres/postmaster.pid")).doesNotExist();
        try (EmbeddedDatabase database = start()) {
            assertThat(database.owner()).isEqualTo(first);
            assertThat(ask(database, "SELECT x FROM t")).isEqualTo("42");
        }
    }

    @Test
    void is_durable_and_private() throws Exception {
        try (EmbeddedDatabase database = start()) {
            assertThat(ask(database, "SHOW fsync")).isEqualTo("on");
            assertThat(ask(database, "SHOW synchronous_commit")).isEqualTo("on");
            assertThat(ask(database, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(ask(database, "SHOW server_encoding")).isEqualTo("UTF8");
            for (String file : new String[] {"postgres.url", "postgres-admin.url"}) {
                assertThat(Files.getPosixFilePermissions(folder.resolve(file)))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            }
            assertThatThrownBy(
                            () -> DriverManager.getConnection(database.owner().jdbcUrl(), "sluice", "wrong"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void what_is_made_with_psql_does_not_land_in_sluices_schema() throws Exception {
        try (EmbeddedDatabase database = start()) {
            execute(database, "CREATE SCHEMA sluice", "CREATE TABLE t (x int)");
            assertThat(ask(database, "SELECT 't'::regclass::oid = 'public.t'::regclass::oid"))
                    .isEqualTo("t");
        }
        // As an earlier version wrote it.
        Path settings = folder.resolve("postgres/sluice.conf");
        Files.writeString(settings, Files.readString(settings).replaceAll("search_path.*", ""));
        try (EmbeddedDatabase database = start()) {
            execute(database, "CREATE TABLE u (x int)");
            assertThat(ask(database, "SELECT to_regclass('public.u') IS NOT NULL AND to_regclass('sluice.u') IS NULL"))
                    .isEqualTo("t");
        }
    }

    @Test
    void takes_a_new_port_when_its_own_is_taken() throws Exception {
        int before;
        try (EmbeddedDatabase database = start()) {
            before = database.owner().port();
        }
        try (var taken = new java.net.ServerSocket(before, 1, java.net.InetAddress.getByName("127.0.0.1"));
                EmbeddedDatabase database = start()) {
            assertThat(taken.isBound()).isTrue();
            assertThat(database.owner().port()).isNotEqualTo(before);
            assertThat(DatabaseAddress.read(folder.resolve("postgres.url"))).contains(database.owner());
            assertThat(ask(database, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void makes_new_passwords_when_the_files_that_held_them_are_lost() throws Exception {
        try (EmbeddedDatabase database = start()) {
            execute(database, "CREATE TABLE t AS SELECT 42 AS x");
        }
        Files.delete(folder.resolve("postgres.url"));
        try (EmbeddedDatabase database = start()) {
            assertThat(ask(database, "SELECT x FROM t")).isEqualTo("42");
        }
    }

    @Test
    void starts_again_when_it_is_killed_and_keeps_what_was_committed() throws Exception {
        try (EmbeddedDatabase database = start()) {
            execute(database, "CREATE TABLE t (x int)", "INSERT INTO t VALUES (42)");
            long before = database.pid();
            Postmaster.signal(before, "KILL");
            await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> {
                assertThat(database.pid()).isNotEqualTo(before);
                assertThat(ask(database, "SELECT x FROM t")).isEqualTo("42");
            });
        }
    }

    @Test
    void stops_a_server_that_a_killed_sluice_left_and_starts_anew() throws Exception {
        EmbeddedDatabase left = start();
        try (Connection connection = connect(left)) {
            execute(left, "CREATE TABLE t AS SELECT 42 AS x");
            long before = left.pid();
            left.forget();
            try (EmbeddedDatabase database = start()) {
                assertThat(database.pid()).isNotEqualTo(before);
                assertThat(ProcessHandle.of(before).map(ProcessHandle::isAlive).orElse(false))
                        .isFalse();
                assertThat(ask(database, "SELECT x FROM t")).isEqualTo("42");
                assertThat(connection.isValid(1)).isFalse();
            }
        }
    }

    @Test
    void a_lock_file_with_the_process_id_of_somebody_else_is_no_obstacle() throws Exception {
        start().close();
        Files.writeString(
                folder.resolve("postgres/postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + folder + "\n0\n0\n\n127.0.0.1\n0 0\nready\n");
        try (EmbeddedDatabase database = start()) {
            assertThat(ask(database, "SELECT 1")).isEqualTo("1");
        }
        assertThat(ProcessHandle.current().isAlive()).isTrue();
    }

    @Test
    void a_first_start_that_was_cut_short_is_done_again() throws Exception {
        Files.createDirectories(folder.resolve("postgres.new/base"));
        try (EmbeddedDatabase database = start()) {
            assertThat(ask(database, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void a_folder_that_is_no_database_is_left_alone() throws Exception {
        Files.createDirectories(folder.resolve("postgres"));
        Files.writeString(folder.resolve("postgres/notes.txt"), "mine");
        assertThatThrownBy(this::start)
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("no PostgreSQL data folder");
        assertThat(folder.resolve("postgres/notes.txt")).hasContent("mine");
    }

    @Test
    @EnabledIfSystemProperty(named = "user.name", matches = "root")
    void root_runs_it_as_nobody_where_user_namespaces_are_forbidden() throws Exception {
        Path data = folder.resolve("postgres");
        Privileges nobody = Privileges.forRoot(data, Way.OTHER_USER);
        PostgresBinaries reachable =
                PostgresBinaries.unpack(getClass().getClassLoader(), folder.resolve("postgres-bin"));
        try (EmbeddedDatabase database = EmbeddedDatabase.start(folder, reachable, nobody, true)) {
            assertThat(ask(database, "SELECT 1")).isEqualTo("1");
            assertThat(Files.getAttribute(data, "unix:uid")).isEqualTo(65534);
        }
        try (EmbeddedDatabase database = start()) {
            assertThat(ask(database, "SELECT 2")).isEqualTo("2");
        }
    }

    @Test
    void root_is_told_what_to_do_where_there_is_no_way() {
        assertThatThrownBy(() -> Privileges.forRoot(folder.resolve("postgres"), Way.NONE))
                .hasMessageContaining("start Sluice as another user")
                .hasMessageContaining("--database-url");
    }

    private EmbeddedDatabase start() throws java.io.IOException {
        return EmbeddedDatabase.start(folder, TestPostgres.binaries(), true);
    }

    private static Connection connect(EmbeddedDatabase database) throws SQLException {
        return DriverManager.getConnection(
                database.owner().jdbcUrl(),
                database.owner().user(),
                database.owner().password());
    }

    private static void execute(EmbeddedDatabase database, String... statements) throws SQLException {
        try (Connection connection = connect(database)) {
            for (String statement : statements) {
                connection.createStatement().execute(statement);
            }
        }
    }

    private static String ask(EmbeddedDatabase database, String question) throws SQLException {
        try (Connection connection = connect(database);
                ResultSet answer = connection.createStatement().executeQuery(question)) {
            answer.next();
            return answer.getString(1);
        }
    }
}
