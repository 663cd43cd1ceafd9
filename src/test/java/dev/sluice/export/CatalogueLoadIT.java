package dev.sluice.export;

import static dev.sluice.export.ExportNode.ADMIN;
import static dev.sluice.export.ExportNode.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The catalogue when its database is slow, or away. */
class CatalogueLoadIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void many_who_list_at_once_leave_the_connections_of_exports_alone() throws Exception {
        TestDatabase database = TestDatabase.create();
        database.execute("CREATE TABLE public.locked (id int PRIMARY KEY)");
        TestServer server = ExportNode.settings(database)
                .set("export.concurrency", "1")
                .set("dataset.a.table", "public.locked")
                .set("dataset.a.read", "public")
                .set("dataset.free.sql", "SELECT 7 AS n")
                .set("dataset.free.read", "public")
                .start();
        ExecutorService callers = Executors.newFixedThreadPool(6);
        try (ExportNode node = new ExportNode(database, server);
                Connection holder = database.connect()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("LOCK TABLE public.locked IN ACCESS EXCLUSIVE MODE");
            List<Future<HttpReply>> listings = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                listings.add(callers.submit(() -> node.get("")));
            }
            await().atMost(LONG)
                    .until(() -> listings.stream().filter(Future::isDone).count() >= 4);

            assertThat(node.get("/free.csv").text()).isEqualTo("n\n7\n");
            holder.rollback();

            List<HttpReply> replies = new ArrayList<>();
            for (Future<HttpReply> listing : listings) {
                replies.add(listing.get(LONG.toSeconds(), TimeUnit.SECONDS));
            }
            assertThat(replies).filteredOn(reply -> reply.status() == 200).hasSizeGreaterThanOrEqualTo(2);
            assertThat(replies)
                    .filteredOn(reply -> reply.status() != 200)
                    .isNotEmpty()
                    .allSatisfy(reply -> {
                        assertProblem(reply, 503, "busy", "catalogue");
                        assertThat(reply.header("Retry-After")).isNotEmpty();
                    });
            assertThat(node.get("").status()).isEqualTo(200);
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void without_the_exported_database_there_is_no_list_and_no_half_of_one() throws Exception {
        TestDatabase exported = TestDatabase.create();
        TestDatabase own = TestDatabase.create();
        TestServer server = ExportNode.settings(own)
                .set("export.database-url", exported.jdbcUrl())
                .set("export.database-user", exported.user())
                .set("export.database-password", exported.password())
                .set("export.first-row-timeout", "1s")
                .set("dataset.zzz.sql", "SELECT 1 AS n")
                .set("dataset.zzz.read", "public")
                .start();
        try (ExportNode node = new ExportNode(own, server)) {
            assertThat(node.get("").json().path("datasets").findValuesAsText("name"))
                    .contains("users", "zzz");

            exported.close();

            for (String[] caller : new String[][] {{}, {ADMIN}}) {
                HttpReply reply = node.get("", caller);
                assertProblem(reply, 503, "database_unavailable", "database");
                assertThat(reply.header("Retry-After")).isNotEmpty();
            }
            assertThat(node.get("/tasks.csv", "limit", "1").status()).isEqualTo(200);
        }
    }
}
