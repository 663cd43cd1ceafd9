package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.broker.Position;
import dev.sluice.http.Json;
import dev.sluice.realtime.LoadClient.Form;
import dev.sluice.realtime.LoadClient.Heard;
import dev.sluice.support.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed while clients of both protocols listen and publish, its PostgreSQL too, and started again on the
 * same port: what was acknowledged is there, and everybody has heard everything, once and in order.
 */
class KillUnderLoadIT {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 30 : 3;
    private static final String CHANNEL = "load:a";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** Acknowledged publications that show that all goes on. */
    private static final int SOME = 60;

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private final Deque<ServerProcess> servers = new ArrayDeque<>();
    private final List<LoadListener> listeners = new ArrayList<>();
    private final List<LoadTalker> talkers = new CopyOnWriteArrayList<>();
    private int port;
    private String url = "";

    @BeforeEach
    void start() throws Exception {
        port = freePort();
        Files.writeString(folder.resolve("settings"), """
                sluice.namespace.load.subscribe=public
                sluice.namespace.load.publish=public
                sluice.namespace.load.history-size=100000
                sluice.realtime.publish-rate=0
                sluice.realtime.message-rate=0
                """);
        serve();
    }

    @AfterEach
    void stop() throws Exception {
        try {
            for (LoadTalker talker : talkers) {
                talker.stop();
            }
            for (LoadListener listener : listeners) {
                listener.stop();
            }
        } finally {
            // The last one first: those before have lost their database to it.
            servers.forEach(ServerProcess::close);
        }
    }

    @Test
    void nothingThatWasAcknowledgedIsLostAndNothingComesTwice() throws Exception {
        listen();
        String epoch = listeners.get(0).position().orElseThrow().epoch();
        talk();
        for (int round = 0; round < ROUNDS; round++) {
            awaitMore();
            kill(round);
            serve();
        }
        awaitMore();
        for (LoadTalker talker : talkers) {
            talker.stop();
        }

        Position top = top();
        assertThat(top.epoch()).isEqualTo(epoch);
        await().atMost(PATIENCE).until(() -> listeners.stream().allMatch(one -> hasHeard(one, top)));
        List<Heard> kept = history(top);
        assertThat(kept.stream().map(Heard::text)).doesNotHaveDuplicates();
        for (LoadTalker talker : talkers) {
            assertThat(kept.stream().map(Heard::text)).containsSubsequence(talker.acknowledged());
        }
        for (LoadListener listener : listeners) {
            listener.stop();
            assertThat(listener.failure()).isEmpty();
            assertThat(kept).containsAll(listener.heard());
            assertThat(listener.recovered()).isPositive();
        }
        assertThat(listeners.get(0).heard()).hasSizeGreaterThan(SOME * ROUNDS);
    }

    private void serve() throws InterruptedException {
        ServerProcess server = ServerProcess.start(
                folder.resolve("data"),
                "--port",
                String.valueOf(port),
                "--settings",
                folder.resolve("settings").toString(),
                "--demo-rows",
                "10");
        servers.push(server);
        url = server.awaitReady().url();
    }

    /** The server alone, which leaves its PostgreSQL to the next one, or both, this one or that one first. */
    private void kill(int round) throws Exception {
        ServerProcess server = servers.element();
        ProcessHandle database = ProcessHandle.of(server.postgresPid()).orElseThrow();
        if (round % 3 == 2) {
            database.destroyForcibly();
        }
        server.kill();
        if (round % 3 == 1) {
            database.destroyForcibly();
        }
    }

    private void listen() {
        for (int i = 0; i < 3; i++) {
            for (Form form : Form.values()) {
                listeners.add(new LoadListener(form, url, CHANNEL, this::acknowledged));
            }
        }
        await().atMost(PATIENCE)
                .until(() -> listeners.stream().allMatch(one -> one.position().isPresent()));
    }

    private void talk() {
        for (Form form : Form.values()) {
            talkers.add(new LoadTalker(form + "-1", () -> new Spoken(form.open(url))));
            talkers.add(new LoadTalker(form + "-2", () -> new Spoken(form.open(url))));
        }
        talkers.add(new LoadTalker("API", () -> new Called(url)));
    }

    private long acknowledged() {
        return talkers.stream().mapToLong(one -> one.acknowledged().size()).sum();
    }

    private void awaitMore() {
        List<Integer> before =
                talkers.stream().map(one -> one.acknowledged().size()).toList();
        await().atMost(PATIENCE).until(() -> {
            for (int i = 0; i < before.size(); i++) {
                if (talkers.get(i).acknowledged().size() < before.get(i) + SOME / talkers.size()) {
                    return false;
                }
            }
            return true;
        });
    }

    private static boolean hasHeard(LoadListener listener, Position top) {
        return listener.failure().isPresent()
                || listener.position().filter(top::equals).isPresent();
    }

    private Position top() throws Exception {
        return LoadClient.position(call("history", Map.of("channel", CHANNEL)));
    }

    /** Everything that is kept, page by page. */
    private List<Heard> history(Position top) throws Exception {
        List<Heard> read = new ArrayList<>();
        while (read.size() < top.offset()) {
            List<Heard> page = LoadClient.publications(call(
                    "history",
                    Map.of(
                            "channel",
                            CHANNEL,
                            "limit",
                            300,
                            "since",
                            Map.of("epoch", top.epoch(), "offset", read.size()))));
            for (Heard one : page) {
                assertThat(one.offset()).isEqualTo(read.size() + 1);
                read.add(one);
            }
            assertThat(page).isNotEmpty();
        }
        return read;
    }

    private JsonNode call(String method, Object params) throws IOException, InterruptedException {
        JsonNode answer = post(url, method, params).orElseThrow();
        assertThat(answer.has("result")).as("%s", answer).isTrue();
        return answer.path("result");
    }

    /** Empty unless it is answered as it should be. */
    private static Optional<JsonNode> post(String url, String method, Object params)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "api/" + method))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .header("X-API-Key", "secret-admin-123")
                .POST(HttpRequest.BodyPublishers.ofString(Json.text(params)))
                .build();
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        return response.statusCode() == 200 ? Optional.of(Json.parse(response.body())) : Optional.empty();
    }

    /** Publishes over a socket. */
    private record Spoken(LoadClient client) implements LoadTalker.Session {
        @Override
        public boolean publish(String text) {
            return client.publish(CHANNEL, text);
        }

        @Override
        public void close() {
            client.close();
        }
    }

    /** Publishes over the server API, with a key that makes it safe to try again. */
    private record Called(String url) implements LoadTalker.Session {
        @Override
        public boolean publish(String text) throws IOException, InterruptedException {
            return post(url, "publish", Map.of("channel", CHANNEL, "data", text, "idempotency_key", text))
                    .filter(answer -> answer.has("result"))
                    .isPresent();
        }

        @Override
        public boolean mayRepeat() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    /**
     * A port that nobody gets by chance: below those that the system gives to clients, which come again and again while
     * nobody listens there.
     */
    private static int freePort() {
        while (true) {
            int candidate = ThreadLocalRandom.current().nextInt(10_240, 32_000);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken; the next one.
            }
        }
    }
}
