package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;

/** An export that was left in the middle hands on a session in order: all sessions of the pool are borrowed at once. */
@InBothLanes
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // made before all tests
class ExportPoolIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int SESSIONS = 25;
    private static final int ABORTS = 50;
    private static final int BORROWERS = 50;
    private static final int GATE = 4711;
    private static final String EXPORTS =
            " FROM pg_stat_activity WHERE application_name LIKE 'sluice-export%' AND datname = current_database()";

    @Parameter
    private Lane lane;

    private TestDatabase database;
    private TestServer server;

    @BeforeParameterizedClassInvocation
    void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("demo-rows", "0")
                .set("export.lane", lane.label())
                .set("export.concurrency", Integer.toString(SESSIONS))
                .set("export.per-caller", "500")
                .set("export.first-row-timeout", "120s")
                .set("export.queue-timeout", "120s")
                .set("dataset.large.sql", "SELECT g AS id, repeat('x', 1000) AS text FROM generate_series(1, 250000) g")
                .set("dataset.large.read", "public")
                .set(
                        "dataset.gated.sql",
                        "SELECT g AS id, 'row ' || g AS text FROM pg_advisory_xact_lock_shared(" + GATE
                                + ") AS gate, generate_series(1, 2000) AS g")
                .set("dataset.gated.read", "public")
                .start();
    }

    @AfterParameterizedClassInvocation
    void stop() {
        server.close();
        database.close();
    }

    @Test
    void afterFiftyAbortsFiftyExportsThatBorrowAllSessionsAtOnceGetTheirOwnRows() throws Exception {
        Set<String> left = new TreeSet<>();
        for (int aborts = 0; aborts < ABORTS; aborts += SESSIONS) {
            left.addAll(abortAllAtOnce());
        }

        List<HttpReply> replies = borrowAllAtOnce(left);

        assertThat(replies).hasSize(BORROWERS).allSatisfy(reply -> {
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.complete()).isTrue();
            assertThat(reply.text()).isEqualTo(rows(2000));
            assertThat(reply.trailers()).containsEntry("sluice-rows", "2000");
        });
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(ask("SELECT pid" + EXPORTS + " AND state <> 'idle'"))
                        .isEmpty());
    }

    /** Each client takes a little and leaves, in either of the two ways; gives the sessions that were left. */
    private Set<String> abortAllAtOnce() {
        List<SlowClient> clients = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            SlowClient client = new SlowClient(server.url("/api/export/large"));
            clients.add(client);
            assertThat(client.read(i * i * 100 + 100)).startsWith("HTTP/1.1 200");
        }
        Set<String> busy = new TreeSet<>(ask("SELECT pid" + EXPORTS + " AND state <> 'idle'"));
        assertThat(busy).hasSize(SESSIONS);
        for (int i = 0; i < SESSIONS; i++) {
            if (i % 2 == 0) {
                clients.get(i).reset();
            } else {
                clients.get(i).close();
            }
        }
        await().atMost(LONG)
                .until(() ->
                        ask("SELECT pid" + EXPORTS + " AND state <> 'idle'").isEmpty());
        return busy;
    }

    /** Nobody gets a row before every session waits at the gate. */
    private List<HttpReply> borrowAllAtOnce(Set<String> left) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(BORROWERS);
        try (Connection gate = database.connectAsAdmin();
                Statement statement = gate.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + GATE + ")");
            List<Future<HttpReply>> replies = new ArrayList<>();
            for (int i = 0; i < BORROWERS; i++) {
                replies.add(clients.submit(() -> HttpReply.to(server.url(), "GET /api/export/gated HTTP/1.1")));
            }
            String waiting = "SELECT pid" + EXPORTS + " AND wait_event = 'advisory'";
            await().atMost(LONG).untilAsserted(() -> assertThat(ask(waiting)).hasSize(SESSIONS));
            // The pool may have made a spare one meanwhile; it has broken none off.
            assertThat(ask("SELECT pid" + EXPORTS)).containsAll(left);
            assertThat(ask(waiting))
                    .filteredOn(left::contains)
                    .hasSizeGreaterThanOrEqualTo(SESSIONS - ExportDatabase.SPARE);
            statement.execute("SELECT pg_advisory_unlock(" + GATE + ")");
            List<HttpReply> all = new ArrayList<>();
            for (Future<HttpReply> reply : replies) {
                all.add(reply.get());
            }
            return all;
        } finally {
            clients.shutdownNow();
        }
    }

    private static String rows(int count) {
        StringBuilder rows = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            rows.append("{\"id\":")
                    .append(i)
                    .append(",\"text\":\"row ")
                    .append(i)
                    .append("\"}\n");
        }
        return rows.toString();
    }

    private List<String> ask(String query) {
        try (Connection connection = database.connectAsAdmin();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
