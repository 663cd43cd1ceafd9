package dev.sluice.export;

import static dev.sluice.export.ExportNode.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.launch.TestStandby;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The exported database is a hot standby, where nothing can be written; Sluice's own state is elsewhere. */
class ExportStandbyIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void exports_come_from_the_standby_and_follow_its_primary() throws Exception {
        TestDatabase own = TestDatabase.create();
        try (TestDatabase primary = TestDatabase.create()) {
            primary.execute(
                    "CREATE SCHEMA shop",
                    "CREATE TYPE shop.state AS ENUM ('new', 'paid')",
                    "CREATE TABLE shop.orders (id int PRIMARY KEY, state shop.state, tags text[])",
                    "INSERT INTO shop.orders SELECT i, 'new', ARRAY['a', NULL] FROM generate_series(1, 5000) AS i");
            try (TestStandby standby = primary.standby();
                    ExportNode node = new ExportNode(own, server(own, primary, standby))) {
                assertThat(node.get("/where.csv").text()).isEqualTo("standby\nt\n");

                HttpReply all = node.get("/orders.csv");
                assertThat(all.complete()).isTrue();
                assertThat(all.text().lines()).hasSize(5001).contains("5000,new,\"{a,NULL}\"");
                assertThat(all.trailers()).containsEntry("sluice-rows", "5000");
                assertThat(node.get("/orders", "after", "4998", "select", "id").text())
                        .isEqualTo("{\"id\":4999}\n{\"id\":5000}\n");
                assertThat(node.send("HEAD", "/shop.orders.json", ADMIN).status())
                        .isEqualTo(200);
                assertThat(node.get("", ADMIN).json().path("datasets").findValuesAsText("name"))
                        .contains("orders", "shop.orders", "users");

                primary.execute("INSERT INTO shop.orders VALUES (5001, 'paid', '{}')");
                await().atMost(LONG)
                        .until(() -> node.get("/orders.csv", "id", "gt.5000", "header", "false")
                                .text()
                                .equals("5001,paid,{}\n"));
            }
        }
    }

    private static TestServer server(TestDatabase own, TestDatabase primary, TestStandby standby) {
        return ExportNode.settings(own)
                .set("export.database-url", "jdbc:postgresql://127.0.0.1:" + standby.port() + "/" + primary.name())
                .set("export.database-user", primary.user())
                .set("export.database-password", primary.password())
                .set("export.schemas", "shop")
                .set("dataset.orders.table", "shop.orders")
                .set("dataset.orders.read", "public")
                .set("dataset.where.sql", "SELECT pg_is_in_recovery() AS standby")
                .set("dataset.where.read", "public")
                .start();
    }
}
