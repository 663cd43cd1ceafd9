package dev.sluice.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sluice.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Speaks HTTP with a node, as a program would. Thread-safe. */
final class AuthClient {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final String url;

    AuthClient(String url) {
        this.url = url;
    }

    /** What came back. */
    record Answer(int status, @Nullable HttpResponse<String> response, JsonNode body) {
        /** Before anything was asked. */
        static final Answer NONE = new Answer(0, null, MissingNode.getInstance());

        String code() {
            return body.path("code").asText();
        }

        String text(String member) {
            return body.path(member).asText();
        }

        String header(String name) {
            return response == null ? "" : response.headers().firstValue(name).orElse("");
        }
    }

    Answer get(String path, String token) {
        return send("GET", path, token, null);
    }

    Answer post(String path, String token, Object body) {
        return send("POST", path, token, body);
    }

    Answer delete(String path, String token) {
        return send("DELETE", path, token, null);
    }

    /** Sends a request; no token and no body where they are empty. */
    Answer send(String method, String path, String token, @Nullable Object body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json");
            request.method(
                    method, HttpRequest.BodyPublishers.ofString(body instanceof String text ? text : Json.text(body)));
        }
        return send(request.build());
    }

    /** Signs in, or fails. */
    Answer login(String email, String password) {
        Answer answer = post("/api/auth/login", "", Map.of("email", email, "password", password));
        if (answer.status() != 200) {
            throw new AssertionError(answer.toString());
        }
        return answer;
    }

    /** Registers somebody with the password {@code correct horse}. */
    Answer register(String email) {
        return post("/api/auth/register", "", Map.of("email", email, "password", "correct horse", "name", "Somebody"));
    }

    Answer refresh(String refreshToken) {
        return post("/api/auth/refresh", "", Map.of("refreshToken", refreshToken));
    }

    private static Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode body = response.body().isEmpty() ? MissingNode.getInstance() : Json.parse(response.body());
            return new Answer(response.statusCode(), response, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
