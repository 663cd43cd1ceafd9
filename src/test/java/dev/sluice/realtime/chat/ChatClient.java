package dev.sluice.realtime.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * A connection that speaks Sluice's own protocol, and what it hears, frame by frame. Used by one thread.
 *
 * @param connected what it was told at first
 */
record ChatClient(RawWebSocket socket, JsonNode connected) implements AutoCloseable {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    /** As a guest. */
    static ChatClient open(TestServer server) {
        return open(server, "");
    }

    static ChatClient open(TestServer server, String query) {
        RawWebSocket socket = RawWebSocket.open(server.url("/ws" + query));
        return new ChatClient(socket, payload(socket, "connected"));
    }

    String userId() {
        return connected.path("userId").asText();
    }

    void say(String type, String payload) {
        socket.text("{\"type\":\"" + type + "\",\"payload\":" + payload + ",\"ts\":1}");
    }

    void say(String type, String payload, String id) {
        socket.text("{\"type\":\"" + type + "\",\"payload\":" + payload + ",\"id\":\"" + id + "\"}");
    }

    /** The next frame whole. */
    JsonNode next() {
        return Json.parse(socket.readText());
    }

    /** The payload of the next frame, which must be of this type. */
    JsonNode expect(String type) {
        return payload(socket, type);
    }

    /** The payload of the next frame of this type; what comes before it is of no interest. */
    JsonNode skipTo(String type) {
        JsonNode frame = next();
        while (!frame.path("type").asText().equals(type)) {
            frame = next();
        }
        return frame.path("payload");
    }

    JsonNode join(String name, String room) {
        say("chat:join", "{\"name\":\"" + name + "\",\"room\":\"" + room + "\"}");
        return expect("chat:joined");
    }

    private static JsonNode payload(RawWebSocket socket, String type) {
        JsonNode frame = Json.parse(socket.readText());
        assertThat(frame.path("type").asText()).as("%s", frame).isEqualTo(type);
        assertThat(frame.path("ts").asLong()).isPositive();
        return frame.path("payload");
    }

    @Override
    public void close() {
        socket.close();
    }

    /** One member of each object of a list, as text. */
    static List<String> texts(JsonNode list, String name) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(one -> one.path(name).asText())
                .toList();
    }

    /** An access token of somebody of the demo. */
    static String token(TestServer server, String name) throws Exception {
        HttpResponse<String> answer = send(
                server,
                "POST",
                "/api/auth/login",
                "{\"email\":\"" + name + "@example.com\",\"password\":\"" + name + "-demo\"}");
        return Json.parse(answer.body()).path("accessToken").asText();
    }

    static HttpResponse<String> send(TestServer server, String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url(path)))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
