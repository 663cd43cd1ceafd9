package dev.sluice.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** What the tests of sockets say and ask. Stateless. */
final class Gateways {
    static final String PATH = "/ws/gateway";
    static final HttpClient HTTP = HttpClient.newHttpClient();

    private Gateways() {}

    static RawWebSocket open(TestServer server, String... headers) {
        return RawWebSocket.open(server.url(PATH), headers);
    }

    /** Says something and waits until it has come back: the socket is open on both sides then. */
    static RawWebSocket ready(TestServer server, String... headers) {
        RawWebSocket socket = open(server, headers);
        echo(socket);
        return socket;
    }

    static void echo(RawWebSocket socket) {
        socket.text("{\"type\":\"echo\",\"payload\":\"are you there\"}");
        socket.readText("are you there");
    }

    static String message(String kind, String user, String text) {
        return "{\"type\":\"message\",\"payload\":{\"type\":\"" + kind + "\",\"user\":\"" + user + "\",\"text\":\""
                + text + "\"}}";
    }

    /** A figure of {@code /api/stats}. */
    static long figure(TestServer server, String name) throws Exception {
        return Json.parse(get(server, "/api/stats").body())
                .path("connections")
                .path(name)
                .asLong(-1);
    }

    /** A counter of {@code /metrics}; 0 while it is not there. */
    static double metric(TestServer server, String beginning) throws Exception {
        return get(server, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(beginning))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    static HttpResponse<String> get(TestServer server, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url(path)));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static JsonNode post(TestServer server, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url(path)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        String answer =
                HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
        return Json.parse(answer.isEmpty() ? "{}" : answer);
    }

    /** Signs Alice in, or whoever it is, and gives the answer with its tokens. */
    static JsonNode login(TestServer server, String name) throws Exception {
        return post(
                server,
                "/api/auth/login",
                "{\"email\":\"" + name + "@example.com\",\"password\":\"" + name + "-demo\"}");
    }
}
