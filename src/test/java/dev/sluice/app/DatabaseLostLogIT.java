package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.ServerProcess;
import dev.sluice.support.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator reads while the exported database is away. */
class DatabaseLostLogIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    @Test
    void one_line_says_that_it_is_lost_and_one_that_it_is_back() throws Exception {
        Path settings = Files.writeString(
                folder.resolve("sluice.properties"),
                "sluice.dataset.fruit.sql=SELECT 1 AS id\nsluice.dataset.fruit.read=public\n");
        try (TestDatabase database = TestDatabase.create();
                TestDatabase exported = TestDatabase.create();
                ServerProcess server = start(database, exported, settings)) {
            String export = server.awaitReady().url() + "api/export/fruit";
            assertThat(status(export)).isEqualTo(200);

            exported.refuseConnections();
            await().atMost(LONG).until(() -> status(export) >= 500 && lines(server, "cannot be reached") > 0);
            for (int i = 0; i < 5; i++) {
                assertThat(status(export)).isGreaterThanOrEqualTo(500);
            }
            exported.allowConnections();
            await().atMost(LONG).until(() -> status(export) == 200);

            assertThat(server.errors())
                    .filteredOn(line -> line.contains("cannot be reached"))
                    .singleElement()
                    .asString()
                    .contains(" WARN ", "pool export", exported.jdbcUrl(), "not currently accepting connections");
            assertThat(lines(server, "is reached again")).isEqualTo(1);
            assertThat(server.errors()).noneMatch(line -> line.startsWith("    "));
            assertThat(server.terminate()).isZero();
        }
    }

    private ServerProcess start(TestDatabase database, TestDatabase exported, Path settings) {
        return ServerProcess.start(
                folder.resolve("data"),
                "--database-url",
                database.jdbcUrl(),
                "--database-user",
                database.user(),
                "--database-password",
                database.password(),
                "--export-database-url",
                exported.jdbcUrl(),
                "--export-database-user",
                exported.user(),
                "--export-database-password",
                exported.password(),
                "--export-first-row-timeout",
                "1s",
                "--settings",
                settings.toString());
    }

    private static long lines(ServerProcess server, String part) {
        return server.errors().stream().filter(line -> line.contains(part)).count();
    }

    private static int status(String url) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
                .statusCode();
    }
}
