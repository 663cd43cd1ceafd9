package dev.sluice.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.Command;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How to publish from SQL, done as the page says, by the roles it says. */
class PublishFromSqlPageIT {
    private static final Path PAGE = Path.of("docs", "how-to", "publish-from-sql.md");

    private final TestDatabase database = TestDatabase.create();

    @TempDir
    Path folder;

    @BeforeEach
    void createApplication() {
        database.executeAsAdmin(
                "CREATE ROLE shop_app LOGIN PASSWORD 'shop'", "CREATE SCHEMA shop AUTHORIZATION shop_app");
    }

    @AfterEach
    void drop() {
        database.executeAsAdmin("DROP OWNED BY shop_app CASCADE", "DROP ROLE shop_app");
        database.close();
    }

    @Test
    void what_the_page_publishes_is_published() throws Exception {
        try (TestServer server = TestServer.with(database).start()) {
            assertThat(server.url()).isNotEmpty();
            asApplication(
                    "CREATE TABLE shop.orders (id int PRIMARY KEY, state text); INSERT INTO shop.orders VALUES (42, 'new')");
            List<Page.Block> blocks = Page.read(PAGE).blocks("sql");
            run(database.psqlUrl(), blocks.get(0).text());
            for (Page.Block block : blocks.subList(1, blocks.size())) {
                asApplication(block.text());
            }
        }
        assertThat(published())
                .containsExactly(
                        "orders:42  {\"state\": \"paid\"}", "orders:43 order {\"id\": 43, \"state\": \"new\"}");
    }

    private void asApplication(String sql) throws IOException {
        run("postgresql://shop_app:shop@127.0.0.1:" + database.port() + "/" + database.name(), sql);
    }

    private void run(String address, String sql) throws IOException {
        Path script = Files.writeString(folder.resolve("page.sql"), sql);
        try (Command psql = Command.start("psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", script.toString(), address)) {
            assertThat(psql.exitCode()).as(psql.text()).isZero();
        }
    }

    /** Whether a node has moved it on by now or not. */
    private List<String> published() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT channel || ' ' || event || ' ' || data FROM ("
                        + "SELECT channel, event, data FROM sluice.outbox UNION ALL"
                        + " SELECT channel, event, data FROM sluice.stream) AS published ORDER BY channel")) {
            List<String> published = new ArrayList<>();
            while (result.next()) {
                published.add(result.getString(1));
            }
            return published;
        }
    }
}
