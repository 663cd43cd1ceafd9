package dev.sluice.ops;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.ServerProcess;
import dev.sluice.support.SlowClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole server that is told to stop while it streams. */
class DrainIT {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String END_OF_BODY = "\r\n0\r\n";

    @TempDir
    Path data;

    @Test
    void whatRunsMayEndAndWhatWaitsIsRefused() throws Exception {
        try (ServerProcess server = start("5m")) {
            SlowClient running = new SlowClient(server.url() + "api/export/users");
            assertThat(running.read(100)).startsWith("HTTP/1.1 200");
            CompletableFuture<HttpResponse<String>> waiting =
                    CLIENT.sendAsync(get(server, "api/export/logs"), ofString());
            await().atMost(LONG).until(() -> figure(server, "waiting") == 1);

            CompletableFuture<Integer> exit = terminating(server);

            assertThat(waiting.join().statusCode()).isEqualTo(503);
            assertThat(Json.parse(waiting.join().body()).get("code").asText()).isEqualTo("draining");
            // An EventSource would not come back after a refusal.
            HttpResponse<String> events = CLIENT.send(get(server, "api/events/stream"), ofString());
            assertThat(events.statusCode()).isEqualTo(200);
            assertThat(events.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
            assertThat(events.body()).isEmpty();
            assertThat(running.readToEnd()).endsWith(END_OF_BODY + "Sluice-Rows: 100000\r\n\r\n");
            assertThat(exit.join()).isZero();
            assertThat(server.errors()).noneMatch(line -> line.contains("ERROR"));
        }
    }

    @Test
    void whatTakesTooLongIsCutVisibly() throws Exception {
        try (ServerProcess server = start("200ms")) {
            SlowClient running = new SlowClient(server.url() + "api/export/users");
            assertThat(running.read(100)).startsWith("HTTP/1.1 200");

            assertThat(terminate(server)).isZero();

            assertThat(running.readToEnd()).doesNotContain(END_OF_BODY);
            assertThat(server.errors()).noneMatch(line -> line.contains("ERROR"));
        }
    }

    @Test
    void socketsAreToldThatTheServerGoes() throws Exception {
        try (ServerProcess server = start("1m")) {
            List<RawWebSocket> sockets = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                sockets.add(RawWebSocket.open(server.url() + "ws/gateway"));
            }
            CompletableFuture<Integer> exit = terminating(server);

            assertThat(sockets)
                    .allSatisfy(socket -> assertThat(socket.readToClose()).isEqualTo(1001));
            assertThat(exit.join()).isZero();
            assertThat(server.errors()).noneMatch(line -> line.contains("ERROR"));
            sockets.forEach(RawWebSocket::close);
        }
    }

    private ServerProcess start(String drainTimeout) throws InterruptedException {
        Map<String, String> environment = Map.of(
                "SLUICE_DRAIN_TIMEOUT", drainTimeout, "SLUICE_EXPORT_CONCURRENCY", "1", "SLUICE_EXPORT_SPOOLED", "0");
        return ServerProcess.start(data, environment, "").awaitReady();
    }

    /** By a thread of its own: the common pool may have but one, which HTTP clients need for their answers. */
    private static CompletableFuture<Integer> terminating(ServerProcess server) {
        return CompletableFuture.supplyAsync(() -> terminate(server), task -> new Thread(task, "terminate").start());
    }

    private static int terminate(ServerProcess server) {
        try {
            return server.terminate();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int figure(ServerProcess server, String name) throws Exception {
        String stats = CLIENT.send(get(server, "api/stats"), ofString()).body();
        return Json.parse(stats).get("exports").get(name).asInt();
    }

    private static HttpRequest get(ServerProcess server, String path) {
        return HttpRequest.newBuilder(URI.create(server.url() + path)).build();
    }
}
