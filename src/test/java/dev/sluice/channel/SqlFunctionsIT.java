package dev.sluice.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.Database;
import dev.sluice.settings.DatabaseSettings;
import dev.sluice.support.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions of an application decide. */
@SuppressWarnings("NullAway.Init") // begun before all tests
class SqlFunctionsIT {
    private static TestDatabase server;
    private static Database database;

    private final SqlFunctions functions = new SqlFunctions(database);

    @BeforeAll
    static void start() {
        server = TestDatabase.create();
        server.execute(
                "CREATE SCHEMA app",
                "CREATE FUNCTION app.may(subject text, claims jsonb, channel text) RETURNS boolean LANGUAGE sql AS"
                        + " $$ SELECT channel = 'dept:' || (claims ->> 'dept') AND subject <> 'mallory' $$",
                "CREATE FUNCTION app.unsure(text, jsonb, text) RETURNS boolean LANGUAGE sql AS $$ SELECT null::boolean $$",
                "CREATE FUNCTION app.fails(text, jsonb, text) RETURNS boolean LANGUAGE plpgsql AS"
                        + " $$ BEGIN RAISE 'on purpose'; END $$",
                "CREATE TABLE app.members (name text)",
                "CREATE FUNCTION app.bare(text, jsonb, text) RETURNS boolean LANGUAGE plpgsql AS"
                        + " $$ BEGIN RETURN EXISTS (SELECT FROM members); END $$",
                "CREATE FUNCTION app.pinned(text, jsonb, text) RETURNS boolean LANGUAGE plpgsql SET search_path = app AS"
                        + " $$ BEGIN RETURN NOT EXISTS (SELECT FROM members); END $$");
        database = Database.open(
                "test",
                new DatabaseSettings(
                        Optional.of(server.jdbcUrl()),
                        Optional.of(server.user()),
                        Optional.of(server.password()),
                        4,
                        Duration.ofSeconds(15)),
                Duration.ofSeconds(5),
                new SimpleMeterRegistry());
    }

    @AfterAll
    static void stop() {
        database.close();
        server.close();
    }

    @Test
    void a_function_sees_subject_claims_and_channel() throws Exception {
        assertThat(ask("app.may", "ann", "it", "dept:it")).isTrue();
        assertThat(ask("app.may", "ann", "it", "dept:hr")).isFalse();
        assertThat(ask("app.may", "mallory", "it", "dept:it")).isFalse();
        assertThat(ask("app.may", "ann", "' || 'it", "dept:' || 'it")).isTrue();
    }

    @Test
    void not_to_know_is_no() throws Exception {
        assertThat(ask("app.unsure", "ann", "it", "dept:it")).isFalse();
    }

    @Test
    void what_fails_is_no_answer() {
        for (String function : List.of("app.fails", "app.missing")) {
            assertThatThrownBy(() -> ask(function, "ann", "it", "dept:it")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void what_a_function_calls_by_a_bare_name_is_not_found_and_the_error_says_why() throws Exception {
        assertThatThrownBy(() -> ask("app.bare", "ann", "it", "dept:it"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("members")
                .hasMessageContaining("search_path");
        assertThat(ask("app.pinned", "ann", "it", "dept:it")).isTrue();
    }

    private boolean ask(String function, String subject, String dept, String channel) throws Exception {
        return functions.ask(function, TestSubscriber.callerWith(subject, Map.of("dept", dept)), channel);
    }
}
