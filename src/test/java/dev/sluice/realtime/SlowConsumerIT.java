package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that never read, beside one that does. */
class SlowConsumerIT {
    private static final int STALLED = 10;
    private static final String FILL = "x".repeat(1900);

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database)
                .set("realtime.publish-rate", "0")
                .set("realtime.message-rate", "0")
                .set("realtime.outbox-bytes", "256K")
                .set("realtime.outbox-age", "3s")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void theyAreLetGoWithinTheLimitsAndTheOthersMissNothing() throws Exception {
        List<RawWebSocket> stalled = new ArrayList<>();
        try (RawWebSocket reader = Gateways.ready(server);
                RawWebSocket sender = Gateways.ready(server)) {
            for (int i = 0; i < STALLED; i++) {
                RawWebSocket slow = RawWebSocket.openSmall(server.url(Gateways.PATH), 4096);
                slow.text(Gateways.message("join", "slow" + i, ""));
                sender.readText("slow" + i + " joined");
                stalled.add(slow);
            }
            CompletableFuture<List<String>> read = CompletableFuture.supplyAsync(() -> readToEnd(reader));

            int sent = sendUntilTheyAreGone(sender);
            sender.text(Gateways.message("message", "sender", "the end"));

            List<String> texts = read.join();
            assertThat(texts).filteredOn(text -> text.contains(FILL)).hasSize(sent);
            for (int i = 0; i < STALLED; i++) {
                String left = "slow" + i + " left";
                assertThat(texts).filteredOn(text -> text.contains(left)).hasSize(1);
            }
            assertThat(Gateways.metric(server, "sluice_connections_ended_total{reason=\"too-slow\""))
                    .isEqualTo(STALLED);
            await().until(() -> Gateways.figure(server, "queuedBytes") == 0);
        } finally {
            stalled.forEach(RawWebSocket::close);
        }
        await().until(() -> Gateways.figure(server, "open") == 0);
        assertThat(Gateways.metric(server, "sluice_connections_ended_total"))
                .isEqualTo(Gateways.metric(server, "sluice_connections_opened_total"));
    }

    /** One message after another, each awaited: what is measured is that nobody is held up. */
    private static int sendUntilTheyAreGone(RawWebSocket sender) throws Exception {
        long until = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        for (int sent = 0; ; sent++) {
            if (sent % 100 == 0 && Gateways.figure(server, "open") == 2) {
                return sent;
            }
            assertThat(System.nanoTime())
                    .as("still there after %d messages", sent)
                    .isLessThan(until);
            sender.text(Gateways.message("message", "sender", sent + FILL));
            long before = System.nanoTime();
            sender.readText(sent + FILL);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
        }
    }

    /** Everything until the sender says it is over and all have left. */
    private static List<String> readToEnd(RawWebSocket reader) {
        List<String> texts = new ArrayList<>();
        int left = 0;
        boolean isOver = false;
        while (!isOver || left < STALLED) {
            String text = reader.readText();
            texts.add(text);
            left += text.contains(" left\"") ? 1 : 0;
            isOver |= text.contains("the end");
        }
        return texts;
    }
}
