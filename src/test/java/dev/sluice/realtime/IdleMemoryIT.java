package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.LiveHeap;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a socket costs that says nothing. */
class IdleMemoryIT {
    private static final int SOCKETS = 1000;
    private static final long MOST = 20 * 1024;

    @TempDir
    Path data;

    @Test
    void anIdleSocketCostsLittle() throws Exception {
        Map<String, String> environment = Map.of("SLUICE_DEMO_ROWS", "1000");
        List<RawWebSocket> sockets = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(data, environment, "").awaitReady()) {
            String url = server.url() + "ws/gateway";
            // What is made once, for the first.
            open(url, 20, new ArrayList<>()).forEach(RawWebSocket::close);
            long before = LiveHeap.bytes(server.pid());
            open(url, SOCKETS, sockets);

            long each = (LiveHeap.bytes(server.pid()) - before) / SOCKETS;

            assertThat(each).isLessThan(MOST);
        } finally {
            sockets.forEach(RawWebSocket::close);
        }
    }

    private static List<RawWebSocket> open(String url, int count, List<RawWebSocket> sockets) {
        for (int i = 0; i < count; i++) {
            RawWebSocket socket = RawWebSocket.open(url);
            Gateways.echo(socket);
            sockets.add(socket);
        }
        return sockets;
    }
}
