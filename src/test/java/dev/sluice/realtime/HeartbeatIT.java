package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.RawWebSocket;
import dev.sluice.support.SilentProxy;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that are gone without a word, and clients that are only quiet. */
class HeartbeatIT {
    private static final Duration PING = Duration.ofSeconds(2);
    private static final Duration PONG = Duration.ofSeconds(8);
    /** What is promised are 5 s; a loaded machine may take longer to run this. */
    private static final Duration MARGIN = Duration.ofSeconds(30);

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("realtime.heartbeat", PING.toMillis() + "ms")
                .set("realtime.pong-timeout", PONG.toMillis() + "ms")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void aPeerThatFallsSilentHasLeftAfterPingAndPong() throws Exception {
        URI address = URI.create(server.url());
        try (SilentProxy proxy = new SilentProxy(address.getPort());
                RawWebSocket watcher = Gateways.ready(server);
                RawWebSocket lost = RawWebSocket.open("http://127.0.0.1:" + proxy.port() + Gateways.PATH)) {
            lost.text(Gateways.message("join", "Lost", ""));
            watcher.readText("Lost joined");
            long before = System.nanoTime();
            proxy.fallSilent();

            watcher.readText("Lost left");

            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isLessThan(PING.plus(PONG).plus(MARGIN));
            await().until(() -> Gateways.metric(server, "sluice_connections_ended_total{reason=\"no-pong\"") == 1);
            await().until(() -> Gateways.figure(server, "open") == 1);
        }
    }

    @Test
    void aPeerThatAnswersStays() {
        try (RawWebSocket quiet = Gateways.ready(server)) {
            for (int i = 0; i < 4; i++) {
                RawWebSocket.Frame ping = quiet.read().orElseThrow();
                assertThat(ping.opcode()).isEqualTo(RawWebSocket.PING);
                quiet.frame(true, 0, RawWebSocket.PONG, ping.payload());
            }
            Gateways.echo(quiet);
        }
    }

    @Test
    void anyMessageIsASignOfLife() {
        try (RawWebSocket busy = Gateways.ready(server)) {
            for (int i = 0; i < 4; i++) {
                assertThat(busy.read().orElseThrow().opcode()).isEqualTo(RawWebSocket.PING);
                busy.text("{\"type\":\"echo\",\"payload\":1}");
                assertThat(busy.readText()).contains("echo");
            }
        }
    }
}
