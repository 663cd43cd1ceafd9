package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.settings.DatabaseSettings;
import dev.sluice.support.HostileRole;
import dev.sluice.support.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DatabaseIT {
    private static final Map<String, String> SESSION = Map.ofEntries(
            Map.entry("standard_conforming_strings", "on"),
            Map.entry("transaction_read_only", "off"),
            Map.entry("transaction_isolation", "read committed"),
            Map.entry("transaction_deferrable", "off"),
            Map.entry("statement_timeout", "0"),
            Map.entry("lock_timeout", "0"),
            Map.entry("idle_in_transaction_session_timeout", "0"),
            Map.entry("idle_session_timeout", "0"),
            Map.entry("transaction_timeout", "0"),
            Map.entry("search_path", "pg_catalog"),
            Map.entry("transform_null_equals", "off"),
            Map.entry("array_nulls", "on"),
            Map.entry("row_security", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("IntervalStyle", "postgres"),
            Map.entry("client_encoding", "UTF8"));

    @Test
    void a_roles_defaults_do_not_reach_our_sessions() throws SQLException {
        try (TestDatabase server = TestDatabase.create();
                HostileRole role = new HostileRole(server)) {
            DatabaseSettings settings = new DatabaseSettings(
                    Optional.of(server.jdbcUrl()),
                    Optional.of(role.name()),
                    Optional.of(role.password()),
                    3,
                    Duration.ofSeconds(15));
            Database.requireReachable(settings);
            assertPinned(Database.unpooled("start", settings));
            try (Database pool = Database.open("state", settings, Duration.ofSeconds(30), new SimpleMeterRegistry())) {
                assertPinned(pool);
                assertPinned(pool);
            }
        }
    }

    private static void assertPinned(Database database) throws SQLException {
        try (Connection connection = database.connection()) {
            for (Map.Entry<String, String> setting : SESSION.entrySet()) {
                assertThat(ask(connection, "SHOW " + setting.getKey()))
                        .as(setting.getKey())
                        .isEqualTo(setting.getValue());
            }
            assertThat(ask(connection, "SELECT lower('A') || pg_sleep(0.05)::text"))
                    .isEqualTo("a");
        }
        assertThat(database.<String>transaction(connection -> {
                    connection.createStatement().execute("CREATE TEMPORARY TABLE t ON COMMIT DROP AS SELECT 1 AS x");
                    return ask(connection, "SELECT x FROM t");
                }))
                .isEqualTo("1");
    }

    private static String ask(Connection connection, String question) throws SQLException {
        try (ResultSet answer = connection.createStatement().executeQuery(question)) {
            answer.next();
            return String.valueOf(answer.getString(1));
        }
    }
}
