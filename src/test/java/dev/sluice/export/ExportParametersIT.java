package dev.sluice.export;

import static dev.sluice.export.ExportNode.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters that ask for something an export's path does not give: refused, never ignored. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // made before all tests
class ExportParametersIT {
    private ExportNode node;

    @BeforeAll
    void start() throws SQLException {
        TestDatabase database = TestDatabase.create();
        database.execute(
                "CREATE TABLE public.device (id int PRIMARY KEY, token text, ticket text)",
                "INSERT INTO public.device VALUES (1, 'a', 'b'), (2, 'c', 'd')");
        node = new ExportNode(
                database,
                ExportNode.settings(database)
                        .set("dataset.device.table", "public.device")
                        .set("dataset.device.read", "public")
                        .start());
    }

    @AfterAll
    void stop() throws SQLException {
        node.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/device", "/device.csv", "", "/nothing", "?dataset=device"})
    void a_token_in_the_query_is_refused_with_where_it_goes(String path) {
        for (String name : new String[] {"token", "ticket", "%74oken"}) {
            String query = (path.contains("?") ? "&" : "?") + name + "=secret-user-123";
            String plain = name.replace("%74", "t");
            HttpReply reply = node.get(path + query);
            assertProblem(reply, 400, "invalid_value", "Authorization: Bearer");
            assertThat(reply.json().path("detail").asText()).contains("\"" + plain + "\"=eq.", "event streams");
            assertThat(reply.text()).doesNotContain("secret-user-123");
        }
    }

    @Test
    void a_column_of_that_name_is_reached_in_quotes() {
        assertThat(node.get("/device.csv", "\"token\"", "eq.c", "\"ticket\"", "eq.d", "header", "false")
                        .text())
                .isEqualTo("2,c,d\n");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/export/device.csv?format=json,csv",
        "/api/export/device.ndjson?format=csv,ndjson",
        "/api/export/device.json?format=csv,json",
        "/api/export?dataset=device.csv&format=json,csv",
        "/export/users?format=json,csv",
        "/stream/logs?format=csv,ndjson"
    })
    void a_format_beside_a_path_of_another_one_is_refused(String path, String format) {
        HttpReply reply = node.raw("GET " + path + " HTTP/1.1");
        assertProblem(reply, 400, "invalid_value", "This path gives " + format);
    }

    @Test
    void the_same_format_twice_is_fine() {
        assertThat(node.get("/device.csv", "format", "csv").status()).isEqualTo(200);
        assertThat(node.raw("GET /export/users?format=csv&limit=1 HTTP/1.1").status())
                .isEqualTo(200);
    }
}
