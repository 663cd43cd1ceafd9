package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.ServerProcess;
import dev.sluice.support.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that its databases do not allow: one line on standard error, exit code 1. */
class StartRefusedIT {
    private static final String NOBODY = "jdbc:postgresql://127.0.0.1:1/x";

    @TempDir
    Path data;

    @Test
    void a_state_database_that_is_down_is_one_line() throws Exception {
        expectOneLine(
                "The state database at " + NOBODY + " (database-url) cannot be reached: ",
                "--database-url",
                NOBODY + "?password=S3CRET");
    }

    @Test
    void a_state_database_that_is_down_is_one_line_for_create_admin() throws Exception {
        try (ServerProcess command = ServerProcess.start(
                data, java.util.Map.of(), "a password\n", "create-admin", "a@example.com", "--database-url", NOBODY)) {
            assertThat(command.exitCode()).isEqualTo(1);
            assertThat(command.errors())
                    .singleElement()
                    .asString()
                    .startsWith("The state database at " + NOBODY + " (database-url) cannot be reached: ");
        }
    }

    @Test
    void an_export_database_that_is_down_is_one_line() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            expectOneLine(
                    "The export database at " + NOBODY + " (export.database-url) cannot be reached: ",
                    with(database, "--export-database-url", NOBODY));
        }
    }

    @Test
    void a_wrong_password_is_one_line() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            expectOneLine(
                    "The state database at " + database.jdbcUrl()
                            + " (database-url) cannot be reached: FATAL: password",
                    with(database, "--database-password", "wrong"));
        }
    }

    @Test
    void a_migration_that_fails_is_one_line() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            database.execute("CREATE SCHEMA sluice", "CREATE TABLE sluice.account (somebody_elses int)");
            expectOneLine("A migration of the schema sluice failed: ", with(database));
        }
    }

    @Test
    void a_role_that_may_not_make_the_schema_is_one_line() throws Exception {
        try (TestDatabase database = TestDatabase.create()) {
            database.executeAsAdmin("ALTER DATABASE " + database.name() + " OWNER TO " + database.adminUser());
            expectOneLine("A migration of the schema sluice failed: ", with(database));
        }
    }

    private static String[] with(TestDatabase database, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--database-url",
                database.jdbcUrl(),
                "--database-user",
                database.user(),
                "--database-password",
                database.password()));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private void expectOneLine(String start, String... arguments) throws InterruptedException {
        try (ServerProcess server = ServerProcess.start(data, arguments)) {
            assertThat(server.exitCode()).isEqualTo(1);
            assertThat(server.errors())
                    .singleElement()
                    .asString()
                    .startsWith(start)
                    .doesNotContain("S3CRET");
            assertThat(server.output()).isEmpty();
        }
    }
}
