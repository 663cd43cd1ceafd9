package dev.sluice.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class TestDatabaseIT {
    @Test
    void gives_a_fresh_database_of_postgresql_18() throws SQLException {
        try (TestDatabase one = TestDatabase.create();
                TestDatabase two = TestDatabase.create()) {
            one.execute("CREATE TABLE t AS SELECT 1 AS x");
            assertThat(ask(one, "SELECT count(*) FROM t")).isEqualTo("1");
            assertThat(ask(two, "SELECT to_regclass('t')")).isEqualTo("null");
            assertThat(ask(one, "SHOW server_version_num")).startsWith("18");
            try (TestDatabase copy = one.copy()) {
                assertThat(ask(copy, "SELECT x FROM t")).isEqualTo("1");
            }
        }
    }

    @Test
    void sorts_by_code_point_and_knows_the_case_of_all_letters() throws SQLException {
        try (TestDatabase database = TestDatabase.create()) {
            assertThat(ask(database, "SELECT 'Z' < 'a'")).isEqualTo("t");
            assertThat(ask(database, "SELECT upper('\u00e4\u03b1')")).isEqualTo("\u00c4\u0391");
        }
    }

    @Test
    void the_owner_is_no_superuser() throws SQLException {
        try (TestDatabase database = TestDatabase.create()) {
            assertThat(ask(database, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
                    .isEqualTo("f");
        }
    }

    @Test
    void gives_a_database_of_the_machines_own_postgresql() throws SQLException {
        TestDatabase.local().ifPresent(local -> {
            try (local) {
                assertThat(Integer.parseInt(ask(local, "SHOW server_version_num")))
                        .isGreaterThanOrEqualTo(140000);
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static String ask(TestDatabase database, String question) throws SQLException {
        try (Connection connection = database.connect();
                ResultSet answer = connection.createStatement().executeQuery(question)) {
            answer.next();
            return String.valueOf(answer.getString(1));
        }
    }
}
