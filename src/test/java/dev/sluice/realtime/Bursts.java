package dev.sluice.realtime;

import static dev.sluice.support.RawWebSocket.CLOSE;
import static dev.sluice.support.RawWebSocket.PING;
import static dev.sluice.support.RawWebSocket.PONG;
import static dev.sluice.support.RawWebSocket.TEXT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Many messages at once, whichever way they are written to the sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Bursts {
    private static final int MESSAGES = 600;
    private static final int STALLED = 3;
    private static final String FILL = " " + "x".repeat(200);

    private final boolean gathered;
    private TestDatabase database;
    private TestServer server;

    Bursts(boolean gathered) {
        this.gathered = gathered;
    }

    @BeforeAll
    void start() {
        database = TestDatabase.create();
        System.setProperty(GatheredWrites.SWITCH, Boolean.toString(gathered));
        server = TestServer.demo(database)
                .set("realtime.publish-rate", "0")
                .set("realtime.message-rate", "0")
                .set("realtime.outbox-age", "3s")
                .start();
        System.clearProperty(GatheredWrites.SWITCH);
    }

    @AfterAll
    void stop() {
        server.close();
        database.close();
    }

    @Test
    void aLongTextArrivesAsItIs() {
        String text = "\u00e4\u20ac\ud834\udd1ex".repeat(6000);
        try (RawWebSocket socket = Gateways.ready(server)) {
            for (int i = 0; i < 20; i++) {
                socket.text("{\"type\":\"echo\",\"payload\":\"" + text + "\"}");
            }
            for (int i = 0; i < 20; i++) {
                ByteArrayOutputStream parts = new ByteArrayOutputStream();
                int frames = 0;
                RawWebSocket.Frame frame;
                do {
                    frame = socket.read().orElseThrow();
                    parts.writeBytes(frame.payload());
                    frames++;
                } while (!frame.isLast());
                String message = parts.toString(UTF_8);
                assertThat(Json.parse(message).get("payload").asText().equals(text))
                        .isTrue();
                assertThat(frames == 1).as("%d frames", frames).isEqualTo(gathered);
            }
        }
    }

    @Test
    void pingsAreAnsweredInTheMidstOfABurst() {
        try (RawWebSocket reader = Gateways.ready(server);
                RawWebSocket sender = Gateways.ready(server)) {
            CompletableFuture<List<String>> read = CompletableFuture.supplyAsync(() -> read(reader, 2 * MESSAGES));
            for (int i = 0; i < MESSAGES; i++) {
                sender.text(Gateways.message("message", "sender", i + FILL));
                reader.frame(true, 0, PING, Integer.toString(i).getBytes(UTF_8));
            }

            List<String> frames = read.join();

            assertThat(frames).filteredOn(frame -> frame.startsWith("text")).isEqualTo(numbered("text "));
            assertThat(frames).filteredOn(frame -> frame.startsWith("pong")).isEqualTo(numbered("pong "));
        }
    }

    @Test
    void whoClosesInTheMidstOfABurstIsAnsweredAndTheOthersMissNothing() throws Exception {
        long before = Gateways.figure(server, "open");
        try (RawWebSocket reader = Gateways.ready(server);
                RawWebSocket sender = Gateways.ready(server)) {
            CompletableFuture<List<String>> read = CompletableFuture.supplyAsync(() -> read(reader, MESSAGES));
            List<RawWebSocket> closers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                closers.add(Gateways.ready(server));
            }
            for (int i = 0; i < MESSAGES; i++) {
                sender.text(Gateways.message("message", "sender", i + FILL));
                if (i % 50 == 20 && i / 50 < closers.size()) {
                    closers.get(i / 50).sendClose(1000);
                }
            }
            for (RawWebSocket closer : closers) {
                List<String> frames = read(closer, Integer.MAX_VALUE);
                assertThat(frames).last().isEqualTo("close 1000");
                int texts = frames.size() - 1;
                assertThat(frames.subList(0, texts)).isEqualTo(numbered("text ").subList(0, texts));
                closer.close();
            }
            assertThat(read.join()).isEqualTo(numbered("text "));
        }
        await().until(() -> Gateways.figure(server, "open") <= before);
        assertThat(Gateways.figure(server, "queuedBytes")).isZero();
    }

    @Test
    void whoNeverReadsIsLetGoAndHoldsUpNobody() throws Exception {
        List<RawWebSocket> stalled = new ArrayList<>();
        try (RawWebSocket sender = Gateways.ready(server)) {
            for (int i = 0; i < STALLED; i++) {
                RawWebSocket slow = RawWebSocket.openSmall(server.url(Gateways.PATH), 4096);
                slow.text(Gateways.message("join", "slow" + i, ""));
                sender.readText("slow" + i + " joined");
                stalled.add(slow);
            }
            long until = System.nanoTime() + 120_000_000_000L;
            for (int i = 0; Gateways.figure(server, "open") > 1; i++) {
                assertThat(System.nanoTime()).as("burst %d", i).isLessThan(until);
                for (int j = 0; j < 100; j++) {
                    sender.text(Gateways.message("message", "sender", i + ":" + j + FILL.repeat(5)));
                }
                sender.readText(i + ":99" + FILL);
            }
            assertThat(Gateways.metric(server, "sluice_connections_ended_total{reason=\"too-slow\""))
                    .isEqualTo(STALLED);
        } finally {
            stalled.forEach(RawWebSocket::close);
        }
        await().until(() -> Gateways.figure(server, "open") == 0);
        await().until(() -> Gateways.figure(server, "queuedBytes") == 0);
    }

    private static List<String> numbered(String kind) {
        return IntStream.range(0, MESSAGES).mapToObj(i -> kind + i).toList();
    }

    /** So many texts and pongs, or all up to the close. */
    private static List<String> read(RawWebSocket socket, int most) {
        List<String> frames = new ArrayList<>();
        while (frames.size() < most) {
            Optional<RawWebSocket.Frame> frame = socket.read();
            if (frame.isEmpty()) {
                frames.add("end");
                return frames;
            }
            RawWebSocket.Frame come = frame.get();
            switch (come.opcode()) {
                case TEXT -> frames.add("text " + number(come.text()));
                case PONG -> frames.add("pong " + come.text());
                case PING -> {}
                case CLOSE -> {
                    frames.add("close " + come.code());
                    return frames;
                }
                default -> throw new AssertionError("opcode " + come.opcode());
            }
        }
        return frames;
    }

    private static String number(String message) {
        String text = Json.parse(message).path("payload").path("text").asText();
        return text.endsWith(FILL) ? text.substring(0, text.indexOf(' ')) : message;
    }
}
