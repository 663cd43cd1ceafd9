package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients that come and go in every way, many times. */
class ChurnIT {
    private static final int ROUNDS = Boolean.getBoolean("sluice.test.full") ? 10_000 : 500;

    @Test
    void afterManyRoundsEverythingIsAsBefore() throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database)
                        .set("realtime.max-connections", "50")
                        .set("realtime.per-user", "50")
                        .set("realtime.per-address", "50")
                        .start();
                RawWebSocket watcher = Gateways.ready(server)) {
            round(server, watcher, 0);
            long descriptors = descriptors();

            for (int i = 1; i < ROUNDS; i++) {
                round(server, watcher, i);
                if (i % 20 == 0) {
                    // One that has left has its place until the container has let go of it, which may take a moment.
                    await().pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(1))
                            .atMost(Duration.ofMinutes(1))
                            .until(() -> Gateways.figure(server, "sockets") <= 30);
                }
            }

            await().atMost(Duration.ofMinutes(1)).until(() -> Gateways.figure(server, "open") == 1);
            assertThat(Gateways.figure(server, "queuedBytes")).isZero();
            assertThat(Gateways.figure(server, "incomingBytes")).isZero();
            // The client's connections for the figures, and those of the database's pool, come and go.
            await().atMost(Duration.ofMinutes(1)).until(() -> descriptors() <= descriptors + 20);
            List<RawWebSocket> others = new ArrayList<>();
            for (int i = 0; i < 49; i++) {
                // Had a place been lost, these would not all fit.
                others.add(Gateways.ready(server, "Authorization: Bearer secret-user-123"));
            }
            assertThat(Gateways.figure(server, "open")).isEqualTo(50);
            // Held until here: the collector closes sockets that nobody knows any more.
            others.forEach(RawWebSocket::close);
        }
    }

    private static void round(TestServer server, RawWebSocket watcher, int i) {
        boolean isGuest = i % 2 == 0;
        String[] headers = isGuest ? new String[0] : new String[] {"Authorization: Bearer secret-user-123"};
        String name = isGuest ? "n" + i : "Demo reader";
        RawWebSocket socket = Gateways.open(server, headers);
        socket.text(Gateways.message("join", "n" + i, ""));
        watcher.readText(name + " joined");
        switch (i % 4) {
            case 0 -> socket.close();
            case 1 -> socket.reset();
            case 2 -> {
                socket.sendClose(1000);
                socket.close();
            }
            default -> {
                socket.frame(false, 0, RawWebSocket.TEXT, new byte[100]);
                socket.close();
            }
        }
        watcher.readText(name + " left");
    }

    private static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
