package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with its embedded database through starts, stops and kills, as a process of its own. */
class ServerLifeIT {
    @TempDir
    Path folder;

    @Test
    void what_is_committed_survives_a_stop_a_kill_of_the_server_and_a_kill_of_postgresql() throws Exception {
        Path data = folder.resolve("data");
        try (ServerProcess server = ServerProcess.start(data).awaitReady()) {
            write(data, "CREATE TABLE public.kept (x text)", "INSERT INTO public.kept VALUES ('stop')");
            long database = server.postgresPid();
            assertThat(server.terminate()).isZero();
            assertThat(Postmaster.alive(database)).isFalse();
            assertThat(server.errors()).noneMatch(line -> line.matches(".*(WARN|ERROR|SEVERE|Exception).*"));
        }
        try (ServerProcess server = ServerProcess.start(data).awaitReady()) {
            write(data, "INSERT INTO public.kept VALUES ('kill')");
            long database = server.postgresPid();
            server.kill();
            assertThat(Postmaster.alive(database)).isTrue();
            try (ServerProcess next = ServerProcess.start(data).awaitReady()) {
                assertThat(next.postgresPid()).isNotEqualTo(database);
                assertThat(Postmaster.alive(database)).isFalse();
                assertThat(read(data)).isEqualTo("stop,kill");
                write(data, "INSERT INTO public.kept VALUES ('postgresql')");
                Postmaster.signal(next.postgresPid(), "KILL");
                await().atMost(Duration.ofSeconds(60))
                        .ignoreExceptions()
                        .untilAsserted(() -> assertThat(read(data)).isEqualTo("stop,kill,postgresql"));
                write(data, "INSERT INTO public.kept VALUES ('both')");
                long last = next.postgresPid();
                next.kill();
                Postmaster.signal(last, "KILL");
            }
        }
        try (ServerProcess server = ServerProcess.start(data).awaitReady()) {
            assertThat(read(data)).isEqualTo("stop,kill,postgresql,both");
            assertThat(server.terminate()).isZero();
        }
    }

    @Test
    void starts_from_an_unpacked_war_of_its_own_version_alone() throws Exception {
        Path data = folder.resolve("data");
        Files.createDirectories(data.resolve("app/0123abc-45"));
        Files.writeString(data.resolve("app/0123abc-45/old"), "");
        Files.createDirectories(data.resolve("app/.unpack-cut-short"));
        try (ServerProcess server = ServerProcess.start(data).awaitReady()) {
            assertThat(data.resolve("app/0123abc-45")).doesNotExist();
            try (var kept = Files.list(data.resolve("app"))) {
                assertThat(kept.filter(path -> !path.getFileName().toString().startsWith(".")))
                        .hasSize(1);
            }
            assertThat(server.terminate()).isZero();
        }
    }

    @Test
    void a_signal_while_it_starts_stops_it_and_leaves_no_postgresql() throws Exception {
        Path data = folder.resolve("data");
        try (ServerProcess server = ServerProcess.start(data)) {
            await().atMost(Duration.ofMinutes(1)).until(() -> Files.exists(data.resolve("postgres/postmaster.pid")));
            assertThat(server.terminate()).isZero();
            assertThat(data.resolve("postgres/postmaster.pid")).doesNotExist();
        }
    }

    private static void write(Path data, String... statements) throws SQLException, IOException {
        try (Connection connection = connect(data)) {
            for (String statement : statements) {
                connection.createStatement().execute(statement);
            }
        }
    }

    private static String read(Path data) throws SQLException, IOException {
        try (Connection connection = connect(data);
                ResultSet rows = connection
                        .createStatement()
                        .executeQuery("SELECT string_agg(x, ',' ORDER BY ctid) FROM public.kept")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static Connection connect(Path data) throws SQLException, IOException {
        DatabaseAddress admin =
                DatabaseAddress.read(data.resolve("postgres-admin.url")).orElseThrow();
        return DriverManager.getConnection(admin.jdbcUrl(), admin.user(), admin.password());
    }
}
