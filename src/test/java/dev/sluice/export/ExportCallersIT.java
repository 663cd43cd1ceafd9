package dev.sluice.export;

import static dev.sluice.export.ExportNode.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.SlowClient;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import org.junit.jupiter.api.Test;

/** Whose exports are counted together when nobody has signed in. */
class ExportCallersIT {
    private static final String FROM = "X-Forwarded-For: ";

    @Test
    void a_subscriber_with_many_addresses_counts_as_one() throws Exception {
        TestDatabase database = TestDatabase.create();
        TestServer server = TestServer.demo(database)
                .set("export.per-caller", "1")
                .set("trusted-proxies", "127.0.0.1")
                .set("dataset.large.sql", "SELECT repeat('x', 1000) AS x FROM generate_series(1, 100000)")
                .set("dataset.large.read", "public")
                .start();
        try (ExportNode node = new ExportNode(database, server);
                SlowClient client = new SlowClient(server.url("/api/export/large"), FROM + "2001:db8:1:2::1")) {
            assertThat(client.read(100)).startsWith("HTTP/1.1 200");

            assertProblem(node.get("/tasks", FROM + "2001:db8:1:2::2"), 429, "too_many_exports", "exports");
            assertThat(node.get("/tasks", FROM + "2001:db8:1:3::1").status()).isEqualTo(200);
            assertThat(node.get("/tasks", FROM + "192.0.2.1").status()).isEqualTo(200);
        }
    }
}
