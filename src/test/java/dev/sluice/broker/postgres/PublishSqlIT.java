package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.broker.Publication;
import dev.sluice.broker.Recorder;
import dev.sluice.broker.Retention;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code sluice.publish}: what an application's own SQL may do, and what it is told when it may not. */
class PublishSqlIT {
    private final BrokerDatabase database = BrokerDatabase.create();

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void whatIsCommittedReachesEveryNodeAndWhatIsRolledBackNone() throws Exception {
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        try (PostgresBroker one = started(first);
                PostgresBroker two = started(second);
                Connection application = database.database().connect();
                Statement statement = application.createStatement()) {
            application.setAutoCommit(false);
            statement.execute("SELECT sluice.publish('orders:42', '{\"state\": \"new\"}'::jsonb)");
            application.rollback();
            statement.execute("SELECT sluice.publish('orders:42', '{\"state\": \"paid\"}', event => 'paid')");
            statement.execute("SAVEPOINT s");
            statement.execute("SELECT sluice.publish('orders:42', '{\"state\": \"lost\"}')");
            statement.execute("ROLLBACK TO s");
            statement.execute("SELECT sluice.publish(data => '[1]', channel => 'orders', idempotency_key => 'k')");
            statement.execute("SELECT sluice.publish(data => '[2]', channel => 'orders', idempotency_key => 'k')");
            application.commit();
            statement.execute("SELECT sluice.publish('orders', 'null')");
            application.commit();

            for (Recorder feed : List.of(first, second)) {
                eventually(() -> feed.data("orders").size() == 2);
                assertThat(feed.data("orders")).containsExactly("[1]", "null");
                assertThat(feed.of("orders:42")).hasSize(1);
                Publication paid = feed.of("orders:42").get(0);
                assertThat(paid.data()).isEqualTo("{\"state\": \"paid\"}");
                assertThat(paid.event()).isEqualTo("paid");
                assertThat(paid.info()).isEmpty();
                assertThat(paid.position().offset()).isEqualTo(1);
            }
            assertThat(one.isLeading()).isNotEqualTo(two.isLeading());
        }
    }

    private PostgresBroker started(Recorder feed) {
        PostgresBroker broker = database.broker(channel -> new Retention(100, Duration.ofHours(1)));
        broker.start(feed);
        return broker;
    }

    private static void eventually(Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(condition);
    }

    @Test
    void whatIsNoChannelIsRefused() {
        for (String name : List.of(
                "''",
                "'with space'",
                "'a/b'",
                "'a/b:c'",
                "'$gateway'",
                "':a'",
                "'a:'",
                "'a:b c'",
                "repeat('x', 256)",
                "E'a\\nb'",
                "NULL")) {
            assertThatThrownBy(() -> publish(name, "'1'", "NULL", "NULL"))
                    .as(name)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("is not a channel")
                    .hasMessageContaining("letters, digits and - _ . : @")
                    .extracting("SQLState")
                    .isEqualTo("22023");
        }
        assertThat(outbox()).isEqualTo("0");
    }

    @Test
    void aChannelMayHaveEveryLetterThatIsAllowed() throws SQLException {
        publish("'aZ09:-_.@'", "'1'", "NULL", "NULL");
        publish("repeat('x', 255)", "'1'", "NULL", "NULL");
        publish("repeat('ä', 255)", "'1'", "NULL", "NULL");
        publish("'räume:日本語'", "'1'", "NULL", "NULL");
        assertThat(outbox()).isEqualTo("4");
    }

    @Test
    void afterTheNamespaceThereMayBeWhateverASubjectIs() throws SQLException {
        publish("'user:auth0|5f7c/ann+1'", "'1'", "NULL", "NULL");
        assertThat(outbox()).isEqualTo("1");
    }

    @Test
    void tooMuchDataAreRefusedAndAsMuchAsIsAllowedAreNot() throws SQLException {
        publish("'c'", "to_jsonb(repeat('x', 65534))", "repeat('k', 255)", "repeat('e', 100)");
        assertThatThrownBy(() -> publish("'c'", "to_jsonb(repeat('x', 65535))", "NULL", "NULL"))
                .hasMessageContaining("data has 65537 bytes, 65536 are allowed");
        assertThatThrownBy(() -> publish("'c'", "to_jsonb(repeat('é', 32768))", "NULL", "NULL"))
                .hasMessageContaining("data has 65538 bytes");
        assertThatThrownBy(() -> publish("'c'", "'1'", "repeat('k', 256)", "NULL"))
                .hasMessageContaining("idempotency_key has 256 characters");
        assertThatThrownBy(() -> publish("'c'", "'1'", "NULL", "repeat('e', 101)"))
                .hasMessageContaining("event has more than 100");
        assertThatThrownBy(() -> publish("'c'", "'1'", "NULL", "E'a\\nb'")).hasMessageContaining("control characters");
        assertThatThrownBy(() -> publish("'c'", "NULL", "NULL", "NULL"))
                .hasMessageContaining("data is NULL")
                .hasMessageContaining("'null'::jsonb");
        assertThat(outbox()).isEqualTo("1");
    }

    @Test
    void aRoleThatMayExecuteThisFunctionNeedsNothingElse() throws SQLException {
        String role = database.database().name() + "_app";
        database.database().executeAsAdmin("CREATE ROLE " + role + " LOGIN PASSWORD 'app'");
        try {
            assertThatThrownBy(() -> as(role, "SELECT sluice.publish('c', '1')"))
                    .hasMessageContaining("permission denied");
            database.execute("GRANT USAGE ON SCHEMA sluice TO " + role);
            assertThatThrownBy(() -> as(role, "SELECT sluice.publish('c', '1')"))
                    .hasMessageContaining("permission denied for function publish");
            database.execute("GRANT EXECUTE ON FUNCTION sluice.publish TO " + role);
            as(role, "SELECT sluice.publish('c', '1')");

            // Nothing in the caller's search path is taken for what the function means.
            as(role, "CREATE TEMP TABLE outbox (channel text)", "SELECT sluice.publish('c', '2')");
            assertThat(outbox()).isEqualTo("2");
            for (String table : List.of("outbox", "stream", "channel", "epoch", "idempotency")) {
                assertThatThrownBy(() -> as(role, "SELECT FROM sluice." + table))
                        .hasMessageContaining("permission denied");
            }
            assertThatThrownBy(() -> as(role, "SELECT sluice.wait_rows('0', '{}', 1, 1)"))
                    .hasMessageContaining("permission denied");
        } finally {
            database.database().executeAsAdmin("DROP OWNED BY " + role, "DROP ROLE " + role);
        }
    }

    private void as(String role, String... statements) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(database.database().jdbcUrl(), role, "app");
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private void publish(String channel, String data, String key, String event) throws SQLException {
        try (Connection connection = database.database().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT sluice.publish(%s, %s, %s, %s)".formatted(channel, data, key, event));
        }
    }

    private String outbox() {
        return database.value("SELECT count(*) FROM sluice.outbox");
    }
}
