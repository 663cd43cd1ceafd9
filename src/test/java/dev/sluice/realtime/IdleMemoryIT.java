package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.LiveHeap;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a socket costs that says nothing. */
class IdleMemoryIT {
    private static final int SOCKETS = 1000;

    @TempDir
    Path data;

    @Test
    void anIdleSocketCostsLittleAndItsSubscriptionLittleMore() throws Exception {
        Map<String, String> environment = Map.of("SLUICE_DEMO_ROWS", "1000");
        List<RawWebSocket> sockets = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(data, environment, "").awaitReady()) {
            String url = server.url() + "ws";
            // What is made once, for the first.
            for (int i = 0; i < 20; i++) {
                idle(url).close();
                listening(url).close();
                subscribed(server.url()).close();
            }
            assertThat(each(server, sockets, () -> idle(url))).isLessThan(20 * 1024);
            assertThat(each(server, sockets, () -> listening(url))).isLessThan(20 * 1024);
            assertThat(each(server, sockets, () -> subscribed(server.url()))).isLessThan(20 * 1024);
        } finally {
            sockets.forEach(RawWebSocket::close);
        }
    }

    private static long each(ServerProcess server, List<RawWebSocket> sockets, Supplier<RawWebSocket> open)
            throws Exception {
        long before = LiveHeap.bytes(server.pid());
        for (int i = 0; i < SOCKETS; i++) {
            sockets.add(open.get());
        }
        return (LiveHeap.bytes(server.pid()) - before) / SOCKETS;
    }

    private static RawWebSocket idle(String url) {
        RawWebSocket socket = RawWebSocket.open(url + "/gateway");
        Gateways.echo(socket);
        return socket;
    }

    private static RawWebSocket listening(String url) {
        RawWebSocket socket = RawWebSocket.open(url);
        socket.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"live:x\"}}");
        socket.readText("channel:subscribed");
        return socket;
    }

    /** The same in Centrifugo's protocol. */
    private static RawWebSocket subscribed(String url) {
        RawWebSocket socket = RawWebSocket.open(url + "connection/websocket");
        socket.text("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"live:x\"}}");
        socket.readText("\"subscribe\"");
        return socket;
    }
}
