package dev.sluice.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.IOException;
import java.net.URLEncoder;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A server with the demo profile on, for its tokens, beside its database; and what the database itself prints, by SQL
 * written by hand. Used by one thread.
 */
final class ExportNode implements AutoCloseable {
    static final String ADMIN = "Authorization: Bearer secret-admin-123";
    static final String USER = "Authorization: Bearer secret-user-123";

    private final TestDatabase database;
    private final TestServer server;
    private final DatabaseText text;

    ExportNode(TestDatabase database, TestServer server) throws SQLException {
        this.database = database;
        this.server = server;
        this.text = new DatabaseText(database);
    }

    /** A server's settings, with more exports for one address than tests need. */
    static TestServer.Builder settings(TestDatabase database) {
        return TestServer.demo(database).set("export.per-caller", "50");
    }

    /**
     * @param path below {@code /api/export}, encoded
     * @param parameters names and values in turn, to be encoded; then, from the first with a colon in place of a name,
     *     headers
     */
    HttpReply get(String path, String... parameters) {
        return send("GET", path, parameters);
    }

    HttpReply send(String method, String path, String... parameters) {
        StringBuilder target = new StringBuilder("/api/export").append(path);
        List<String> headers = new ArrayList<>();
        int i = 0;
        while (i < parameters.length && !parameters[i].contains(": ")) {
            target.append(i == 0 ? '?' : '&')
                    .append(encoded(parameters[i]))
                    .append('=')
                    .append(encoded(parameters[i + 1]));
            i += 2;
        }
        headers.addAll(Arrays.asList(parameters).subList(i, parameters.length));
        return raw(method + " " + target + " HTTP/1.1", headers.toArray(String[]::new));
    }

    HttpReply raw(String line, String... headers) {
        return HttpReply.to(server.url(), line, headers);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    /** Fails unless the answer is complete, successful and these bytes. */
    static void assertBody(HttpReply reply, byte[] expected) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.complete()).isTrue();
        int at = Arrays.mismatch(reply.body(), expected);
        if (at >= 0) {
            assertThat(around(reply.body(), at)).as("at byte %d", at).isEqualTo(around(expected, at));
            assertThat(reply.body()).hasSameSizeAs(expected);
        }
    }

    private static String around(byte[] text, int at) {
        int start = Math.max(0, at - 200);
        return new String(text, start, Math.min(text.length, at + 200) - start, UTF_8);
    }

    /** Fails unless the answer is one problem document and nothing else, and its detail holds the text. */
    static JsonNode assertProblem(HttpReply reply, int status, String code, String named) {
        assertThat(reply.status()).as(reply.text()).isEqualTo(status);
        assertThat(reply.complete()).isTrue();
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(reply.header("Content-Disposition")).isEmpty();
        assertThat(reply.header("Content-Encoding")).isEmpty();
        assertThat(reply.header("Trailer")).isEmpty();
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        JsonNode problem = reply.json();
        assertThat(problem.path("status").asInt()).isEqualTo(status);
        assertThat(problem.path("code").asText()).isEqualTo(code);
        assertThat(problem.path("detail").asText()).contains(named).hasSizeLessThan(700);
        assertThat(problem.path("requestId").asText()).isEqualTo(reply.header("X-Request-Id"));
        return problem;
    }

    byte[] copyCsv(String query, String... options) throws SQLException, IOException {
        return text.copyCsv(query, options);
    }

    byte[] rowToJson(String query) throws SQLException {
        return text.rowToJson(query);
    }

    List<String> column(String query) throws SQLException {
        return text.column(query);
    }

    void execute(String... statements) throws SQLException {
        text.execute(statements);
    }

    @Override
    public void close() throws SQLException {
        text.close();
        server.close();
        database.close();
    }
}
