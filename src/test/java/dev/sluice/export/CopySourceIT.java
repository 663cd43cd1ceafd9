package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.flow.Workers;
import dev.sluice.support.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** What becomes of a COPY that is slow, left or broken, and of its session. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // made before all tests
class CopySourceIT {
    private static final Duration LONG = Duration.ofMinutes(1);
    /** In the select list, where it gives its rows one by one; FROM would collect all of them first. */
    private static final String ENDLESS = "SELECT generate_series(1, 2000000000) AS g, repeat('x', 1000)";

    private TestDatabase database;
    private ExecutorService workers;
    private Connection connection;
    private Cancellation cancellation;

    @BeforeAll
    void create() {
        database = TestDatabase.create();
        workers = Workers.create("copy", 4);
    }

    @AfterAll
    void drop() {
        workers.shutdown();
        database.close();
    }

    @BeforeEach
    void connect() throws SQLException {
        connection = database.connect();
        connection.setAutoCommit(false);
        cancellation = new Cancellation(InstantSource.system());
        cancellation.on(connection);
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 0})
    void every_row_comes_whoever_reads(long fastNanos) throws SQLException {
        for (int length : new int[] {1, 700, 9_000, 200_000}) {
            int rows = length == 1 ? 300_000 : 20_000_000 / length / 4;
            CopySource source = source(
                    "SELECT g, repeat(chr(65 + g % 26), " + length + " + g % 3) FROM generate_series(1, " + rows
                            + ") AS g",
                    2,
                    fastNanos);
            for (int row = 1; row <= rows; row++) {
                assertThat(source.next()).isTrue();
                RowFields fields = source.row();
                assertThat(Wire.int32(fields.bytes(0), fields.offset(0))).isEqualTo(row);
                assertThat(fields.length(1)).isEqualTo(length + row % 3);
                assertThat(fields.bytes(1)[fields.offset(1)]).isEqualTo((byte) (65 + row % 26));
            }
            assertThat(source.next()).isFalse();
            source.close();
            assertSessionIsInOrder();
        }
    }

    @Test
    void without_rows_there_is_an_end() throws SQLException {
        CopySource source = source("SELECT 1 WHERE false", 1);

        assertThat(source.begins(LONG)).isTrue();
        assertThat(source.wouldBlock(() -> {})).isFalse();
        assertThat(source.next()).isFalse();
    }

    @Test
    void rows_that_are_there_do_not_wait_for_those_that_are_not() throws SQLException {
        CopySource source = source(
                "SELECT g, repeat('x', 100), CASE g WHEN 500 THEN pg_sleep(100)::text END FROM generate_series(1, 1000) AS g",
                3);
        AtomicInteger rows = new AtomicInteger();

        await().atMost(LONG).until(() -> {
            while (!source.wouldBlock(() -> {})) {
                assertThat(source.next()).isTrue();
                rows.incrementAndGet();
            }
            return rows.get() >= 300;
        });

        assertThat(rows).hasValueLessThan(500);
        source.close();
        assertSessionIsInOrder();
    }

    @Test
    void who_waits_is_woken_when_rows_come() throws SQLException {
        CopySource source =
                source("SELECT g, repeat('x', 5000), pg_sleep(0.02)::text FROM generate_series(1, 60) AS g", 3);
        AtomicInteger wakeUps = new AtomicInteger();

        for (int rows = 0; ; ) {
            int before = wakeUps.get();
            if (source.wouldBlock(wakeUps::incrementAndGet)) {
                await().atMost(LONG).until(() -> wakeUps.get() > before);
            } else if (source.next()) {
                rows++;
            } else {
                assertThat(rows).isEqualTo(60);
                break;
            }
        }
        assertThat(wakeUps).hasPositiveValue();
    }

    @Test
    void nothing_is_read_ahead_of_who_does_not_take() throws Exception {
        CopySource source = source(ENDLESS, 2);
        for (int i = 0; i < 100_000; i++) {
            assertThat(source.next()).isTrue();
        }

        await().atMost(LONG)
                .until(() -> "ClientWrite".equals(ask("SELECT wait_event FROM pg_stat_activity WHERE pid = " + pid())));

        // The sockets on both sides hold up to some 40 MB.
        assertThat(Long.parseLong(ask("SELECT tuples_processed FROM pg_stat_progress_copy WHERE pid = " + pid())))
                .isLessThan(200_000);
        source.close();
        assertSessionIsInOrder();
    }

    @Test
    void a_session_that_was_left_in_the_middle_is_in_order_at_once() throws Exception {
        for (int i = 0; i < 50; i++) {
            CopySource source = source(ENDLESS, 2);
            for (int row = 0; row < i * i; row++) {
                assertThat(source.next()).isTrue();
            }
            long before = System.nanoTime();
            source.close();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
            assertSessionIsInOrder();
        }
        assertThat(connection.isClosed()).isFalse();
    }

    @Test
    void a_session_that_was_left_before_its_first_row_is_in_order() throws Exception {
        CopySource source = source("SELECT pg_sleep(100)", 1);
        assertThat(source.begins(Duration.ofMillis(10))).isFalse();

        source.close();

        assertSessionIsInOrder();
    }

    @Test
    void a_row_that_fails_is_the_servers_error() throws Exception {
        CopySource early = source("SELECT 1 / (g - 1) FROM generate_series(1, 10) AS g", 1);
        assertThatThrownBy(() -> early.begins(LONG))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("by zero");
        early.close();
        assertSessionIsInOrder();

        CopySource late = source("SELECT 1 / (g - 100000) FROM generate_series(1, 200000) AS g", 1);
        assertThatThrownBy(() -> {
                    while (late.next()) {}
                })
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("by zero");
        late.close();
        assertSessionIsInOrder();
    }

    @Test
    void a_cancel_ends_it() throws Exception {
        CopySource source = source("SELECT pg_sleep(100)", 1);

        cancellation.cancel();

        // One that comes before the command is for nothing.
        assertThatThrownBy(() -> {
                    do {
                        cancellation.interrupt();
                    } while (!source.begins(Duration.ofMillis(200)));
                })
                .isInstanceOf(SQLException.class)
                .satisfies(error ->
                        assertThat(((SQLException) error).getSQLState()).isEqualTo("57014"));
        source.close();
        assertSessionIsInOrder();
    }

    @Test
    void a_lost_session_is_an_error_and_is_broken_off() throws Exception {
        CopySource source = source(ENDLESS, 2);
        assertThat(source.next()).isTrue();
        ask("SELECT pg_terminate_backend(" + pid() + ")");

        assertThatThrownBy(() -> {
                    while (source.next()) {}
                })
                .isInstanceOf(SQLException.class);

        source.close();
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void without_workers_a_session_is_broken_off() throws Exception {
        ExecutorService few = Workers.create("few", 1);
        CopySource source = new CopySource(connection, Statement.of(ENDLESS), 2, cancellation, few, Long.MAX_VALUE);
        for (int i = 0; i < 5000; i++) {
            assertThat(source.next()).isTrue();
        }
        few.shutdown();

        source.close();

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void columns_that_are_not_those_of_the_plan_are_refused() throws Exception {
        CopySource source = source("SELECT 1, 2", 3);
        assertThatThrownBy(source::next).isInstanceOf(MalformedFieldException.class);
        source.close();
        assertSessionIsInOrder();
    }

    private CopySource source(String query, int columns) throws SQLException {
        return new CopySource(connection, Statement.of(query), columns, cancellation, workers);
    }

    private CopySource source(String query, int columns, long fastNanos) throws SQLException {
        return new CopySource(connection, Statement.of(query), columns, cancellation, workers, fastNanos);
    }

    /** It answers what it is asked, and not what it was asked before. */
    private void assertSessionIsInOrder() throws SQLException {
        connection.rollback();
        for (int i = 0; i < 3; i++) {
            try (java.sql.Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT 'answer " + i + "'")) {
                assertThat(row.next()).isTrue();
                assertThat(new String(row.getBytes(1), StandardCharsets.UTF_8)).isEqualTo("answer " + i);
            }
        }
        connection.rollback();
    }

    private int pid() throws SQLException {
        return connection.unwrap(PGConnection.class).getBackendPID();
    }

    private String ask(String query) throws SQLException {
        try (Connection other = database.connectAsAdmin();
                java.sql.Statement statement = other.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }
}
