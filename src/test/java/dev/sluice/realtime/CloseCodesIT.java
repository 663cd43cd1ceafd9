package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whoever reads is told why it is closed, however many are closed at once. */
class CloseCodesIT {
    private static final int CLIENTS = Boolean.getBoolean("sluice.test.full") ? 2_000 : 300;

    private static TestDatabase database;
    private static TestServer server;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).start();
    }

    @AfterAll
    static void stop() {
        server.close();
        database.close();
    }

    @Test
    void thatTheServerGoesDown() {
        List<RawWebSocket> sockets = new ArrayList<>();
        TestServer leaving = TestServer.demo(database).start();
        for (int i = 0; i < CLIENTS; i++) {
            sockets.add(Gateways.ready(leaving));
        }
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(leaving::close);
        try {
            assertThat(codes(sockets)).isEqualTo(Map.of(1001, CLIENTS));
        } finally {
            sockets.forEach(RawWebSocket::close);
            stopped.join();
        }
    }

    @Test
    void thatTheyAreNotLetIn() {
        Map<Integer, Integer> codes = new TreeMap<>();
        for (int i = 0; i < CLIENTS; i++) {
            try (RawWebSocket socket = RawWebSocket.open(server.url(Gateways.PATH + "?token=none"))) {
                codes.merge(socket.readToClose(), 1, Integer::sum);
            }
        }
        assertThat(codes).isEqualTo(Map.of(4001, CLIENTS));
    }

    @Test
    void whatTheyDidWrong() {
        List<RawWebSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                sockets.add(Gateways.ready(server));
            }
            sockets.forEach(socket -> socket.frame(true, 0, RawWebSocket.BINARY, new byte[] {1}));

            assertThat(codes(sockets)).isEqualTo(Map.of(1003, CLIENTS));
        } finally {
            sockets.forEach(RawWebSocket::close);
        }
    }

    /** How many got which code. */
    private static Map<Integer, Integer> codes(List<RawWebSocket> sockets) {
        Map<Integer, Integer> codes = new TreeMap<>();
        sockets.forEach(socket -> codes.merge(socket.readToClose(), 1, Integer::sum));
        return codes;
    }
}
