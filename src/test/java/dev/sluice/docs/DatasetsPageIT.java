package dev.sluice.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Command;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How to declare datasets, done as the page says: its SQL, its settings, its commands, on a database of its own. */
class DatasetsPageIT {
    static final Path PAGE = Path.of("docs", "how-to", "datasets.md");
    private static final String CALLER = "customer7@example.com";

    // Its owner is the role sluice, as on the page.
    private final TestDatabase database = TestDatabase.create();
    private final Page page = Page.read(PAGE);

    @TempDir
    Path folder;

    @AfterEach
    void drop() {
        database.executeAsAdmin("DROP OWNED BY web_user", "DROP ROLE web_user");
        database.close();
    }

    @Test
    void the_page_works_from_top_to_bottom() throws IOException {
        runSql();
        try (TestServer server = start()) {
            Shell shell = new Shell(folder, server.url());
            String token = register(server);
            shell.run(page, Map.of("TOKEN", token));
            assertThat(get(server, "/api/export/my-orders?select=email", token))
                    .isEqualTo("{\"email\":\"" + CALLER + "\"}\n");
            assertThat(get(server, "/api/export/orders?select=id", token).lines())
                    .hasSize(1000);
        }
    }

    /** What makes a role is for the database's administrator, the rest for whoever owns the tables. */
    private void runSql() throws IOException {
        for (Page.Block block : page.blocks("sql")) {
            boolean isAdministration = block.text().startsWith("CREATE ROLE");
            Path script = Files.writeString(folder.resolve("page.sql"), block.text());
            String address = isAdministration ? database.adminPsqlUrl() : database.psqlUrl();
            try (Command psql =
                    Command.start("psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", script.toString(), address)) {
                assertThat(psql.exitCode()).as(psql.text()).isZero();
            }
        }
    }

    private TestServer start() throws IOException {
        Path settings = Files.writeString(folder.resolve("sluice.properties"), all("properties"));
        return TestServer.with(database)
                .set("auth.registration", "true")
                .set("settings", settings.toString())
                .start();
    }

    private String all(String language) {
        return page.blocks(language).stream().map(block -> block.text() + "\n").collect(Collectors.joining());
    }

    /** Answers the access token of a new account. */
    private static String register(TestServer server) {
        String body = "{\"email\":\"%s\",\"password\":\"a long password\",\"name\":\"Seven\"}".formatted(CALLER);
        try (Command curl = Command.start(
                "curl", "-sf", server.url("/api/auth/register"), "-H", "Content-Type: application/json", "-d", body)) {
            assertThat(curl.exitCode()).as(curl.text()).isZero();
            return curl.text().replaceAll("(?s).*\"accessToken\":\"([^\"]+)\".*", "$1");
        }
    }

    private static String get(TestServer server, String path, String token) {
        try (Command curl = Command.start("curl", "-sf", "-H", "Authorization: Bearer " + token, server.url(path))) {
            assertThat(curl.exitCode()).isZero();
            return curl.text();
        }
    }
}
