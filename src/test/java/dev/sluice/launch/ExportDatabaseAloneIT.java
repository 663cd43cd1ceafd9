package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.ServerProcess;
import dev.sluice.support.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar sluice.war --export-database-url ...} and no database for Sluice's own state; the role may only read. */
class ExportDatabaseAloneIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String PASSWORD = "reads";

    @TempDir
    Path folder;

    @Test
    void the_state_is_in_the_embedded_database_and_exports_come_from_the_other() throws Exception {
        try (TestDatabase exported = TestDatabase.create()) {
            exported.execute("CREATE TABLE public.fruit (id int PRIMARY KEY, name text)");
            exported.execute("INSERT INTO public.fruit VALUES (1, 'apple'), (2, 'pear')");
            String reader = createReader(exported);
            Path data = folder.resolve("data");
            List<String> arguments = arguments(exported, reader);

            try (ServerProcess server = ServerProcess.start(data, arguments.toArray(String[]::new))) {
                String url = server.awaitReady().url();
                assertThat(get(url + "api/export/fruit.csv").body()).isEqualTo("id,name\n1,apple\n2,pear\n");
                assertThat(get(url + "api/export/users.csv?select=id").body().lines())
                        .as("the demo, in the embedded database")
                        .hasSize(11);
                assertThat(get(url + "health/ready").statusCode()).isEqualTo(200);
                assertThat(schemas(embedded(data))).contains("sluice", "demo");
                assertThat(server.terminate()).isZero();
            }
            arguments.add("--no-demo");
            try (ServerProcess server = ServerProcess.start(data, arguments.toArray(String[]::new))) {
                String url = server.awaitReady().url();
                assertThat(get(url + "api/export/fruit.csv").body()).isEqualTo("id,name\n1,apple\n2,pear\n");
                assertThat(get(url + "api/export/users.csv").statusCode()).isEqualTo(404);
                assertThat(server.terminate()).isZero();
            }
            try (Connection connection = exported.connect()) {
                assertThat(schemas(connection)).doesNotContain("sluice", "demo");
            }
            exported.executeAsAdmin("DROP OWNED BY " + reader, "DROP ROLE " + reader);
        }
    }

    private static String createReader(TestDatabase exported) {
        String reader = exported.name() + "_reader";
        exported.executeAsAdmin(
                "CREATE ROLE " + reader + " LOGIN PASSWORD '" + PASSWORD + "'",
                "GRANT SELECT ON public.fruit TO " + reader,
                "ALTER ROLE " + reader + " SET default_transaction_read_only = on");
        return reader;
    }

    private List<String> arguments(TestDatabase exported, String reader) throws Exception {
        Path settings = Files.writeString(
                folder.resolve("sluice.properties"),
                "sluice.dataset.fruit.table=public.fruit\nsluice.dataset.fruit.read=public\n");
        return new ArrayList<>(List.of(
                "--export-database-url",
                exported.jdbcUrl(),
                "--export-database-user",
                reader,
                "--export-database-password",
                PASSWORD,
                "--settings",
                settings.toString(),
                "--demo-rows",
                "10"));
    }

    private static Connection embedded(Path data) throws Exception {
        DatabaseAddress owner =
                DatabaseAddress.read(data.resolve("postgres.url")).orElseThrow();
        return DriverManager.getConnection(owner.jdbcUrl(), owner.user(), owner.password());
    }

    private static List<String> schemas(Connection connection) throws SQLException {
        try (connection;
                ResultSet rows = connection.createStatement().executeQuery("SELECT nspname FROM pg_namespace")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }
}
