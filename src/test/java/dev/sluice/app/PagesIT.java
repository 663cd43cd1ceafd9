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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        "/chat,text/html;charset=utf-8",
        "/client/sluice.js,text/javascript;charset=utf-8",
        "/client/react.d.ts,text/plain;charset=utf-8",
        "/assets/home.js,text/javascript;charset=utf-8",
        "/assets/sluice.css,text/css;charset=utf-8",
        "/assets/favicon.svg,image/svg+xml",
        "/favicon.ico,image/svg+xml",
        "/client/export.js,text/javascript;charset=utf-8",
        "/client/export.d.ts,text/plain;charset=utf-8"
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
    @ValueSource(
            strings = {
                "/",
                "/exports",
                "/chat",
                "/client/export.js",
                "/api/export",
                "/api/export/users",
                "/api/stats",
                "/health/live",
                "/metrics",
                "/api/auth/login",
                "/api/auth/me",
                "/nowhere"
            })
    void all_methods_that_a_path_does_not_have_are_refused_alike(String path) throws Exception {
        HttpResponse<String> options = send("OPTIONS", path);
        for (String method : new String[] {"TRACE", "WHATEVER"}) {
            HttpResponse<String> other = send(method, path);
            assertThat(other.statusCode()).isEqualTo(options.statusCode()).isIn(401, 404, 405);
            assertThat(other.headers().allValues("Allow"))
                    .isEqualTo(options.headers().allValues("Allow"));
            assertThat(other.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        }
        if (options.statusCode() == 405) {
            for (String method :
                    options.headers().firstValue("Allow").orElse("").split(", ")) {
                assertThat(send(method, path).statusCode()).as(method).isNotEqualTo(405);
            }
        }
    }

    @Test
    void what_the_container_refuses_looks_the_same() throws Exception {
        HttpResponse<String> refusal = send("GET", "/dev/sluice/launch/Main.class");
        assertProblem(refusal, 403, "forbidden");
        assertThat(refusal.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    }

    @Test
    void malformed_json_is_named_without_the_parsers_secrets() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url("/api/auth/login")))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"email\": "))
                .build();
        HttpResponse<String> refusal = CLIENT.send(request, BodyHandlers.ofString());
        assertProblem(refusal, 400, "bad_request");
        assertThat(Json.parse(refusal.body()).path("detail").asText())
                .startsWith("The body is not valid JSON: Unexpected end-of-input")
                .doesNotContain("Source", "REDACTED", "Feature");
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
