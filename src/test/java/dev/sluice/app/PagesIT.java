package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages and assets as a browser, a proxy or a scanner gets them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private TestDatabase database;
    private TestServer server;

    @BeforeAll
    void start() {
        database = TestDatabase.create();
        server = TestServer.with(database).start();
    }

    @AfterAll
    void stop() {
        server.close();
        database.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/,text/html;charset=utf-8",
        "/index.html,text/html;charset=utf-8",
        "/exports,text/html;charset=utf-8",
        "/assets/home.js,text/javascript;charset=utf-8",
        "/assets/sluice.css,text/css;charset=utf-8",
        "/assets/favicon.svg,image/svg+xml",
        "/favicon.ico,image/svg+xml"
    })
    void types_name_the_charset_of_text(String path, String type) throws Exception {
        HttpResponse<String> page = send("GET", path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().allValues("Content-Type")).containsExactly(type);
        assertThat(page.body()).isNotEmpty();
        HttpResponse<String> head = send("HEAD", path);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().allValues("Content-Type")).containsExactly(type);
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/",
        "PUT,/index.html",
        "DELETE,/exports",
        "PATCH,/assets/home.js",
        "POST,/favicon.ico",
        "OPTIONS,/exports",
        "WHATEVER,/"
    })
    void what_can_only_be_read_says_so(String method, String path) throws Exception {
        HttpResponse<String> refusal = send(method, path);
        assertThat(refusal.headers().firstValue("Allow")).contains("GET, HEAD");
        assertProblem(refusal, 405, "method_not_allowed");
    }

    @ParameterizedTest
    @CsvSource({"GET,/nowhere", "POST,/nowhere", "GET,/assets/nothing.js"})
    void what_is_not_there_is_not_found(String method, String path) throws Exception {
        assertProblem(send(method, path), 404, "not_found");
    }

    @ParameterizedTest
    @CsvSource({"TRACE,/,405,method_not_allowed", "GET,/dev/sluice/launch/Main.class,403,forbidden"})
    void what_the_container_refuses_looks_the_same(String method, String path, int status, String code)
            throws Exception {
        HttpResponse<String> refusal = send(method, path);
        assertProblem(refusal, status, code);
        assertThat(refusal.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(server.url(path)))
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private static void assertProblem(HttpResponse<String> response, int status, String code) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        JsonNode problem = Json.parse(response.body());
        assertThat(problem.path("code").asText()).isEqualTo(code);
        assertThat(response.headers().firstValue("X-Request-Id"))
                .contains(problem.path("requestId").asText());
    }
}
