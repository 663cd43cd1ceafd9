package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.RawWebSocket;
import dev.sluice.support.SilentProxy;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members of a channel whose network has died without a word: nothing comes of them, not even an end. */
class HalfOpenIT {
    private static final Duration PING = Duration.ofSeconds(2);
    private static final Duration PONG = Duration.ofSeconds(3);
    private static final Duration PROMISED = PING.plus(PONG).plusSeconds(5);

    /** A machine that does something else meanwhile may take longer, but not again and again. */
    private static final int ATTEMPTS = 3;

    /** @param bytes of each publication that is on its way to the dead all the time; 0 = none is */
    @ParameterizedTest
    @ValueSource(ints = {0, 100, 30_000})
    void theOthersHearThatTheyHaveLeftAfterPingAndPong(int bytes) throws Exception {
        try (TestDatabase database = TestDatabase.create();
                TestServer server = TestServer.demo(database)
                        .set("realtime.heartbeat", PING.toMillis() + "ms")
                        .set("realtime.pong-timeout", PONG.toMillis() + "ms")
                        .start();
                RawWebSocket watcher = RawWebSocket.open(server.url("/ws"));
                Traffic traffic = Traffic.begin(server, bytes)) {
            watcher.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"demo:half\"}}");
            watcher.readText("channel:subscribed");
            Duration least = untilLeft(server, watcher);
            for (int i = 1; i < ATTEMPTS && least.compareTo(PROMISED) >= 0; i++) {
                least = untilLeft(server, watcher);
            }
            assertThat(least).isLessThan(PROMISED);
            traffic.check();
        }
    }

    /** Publishes until it is closed. */
    private record Traffic(AtomicBoolean isOver, CompletableFuture<Void> done) implements AutoCloseable {
        private static final int EVERY_MILLIS = 25;

        static Traffic begin(TestServer server, int bytes) {
            AtomicBoolean isOver = new AtomicBoolean(bytes == 0);
            String message = "{\"type\":\"channel:publish\",\"payload\":{\"channel\":\"demo:half\",\"data\":\""
                    + "x".repeat(bytes) + "\"}}";
            Executor ownThread = task -> new Thread(task, "traffic").start();
            return new Traffic(isOver, CompletableFuture.runAsync(() -> publish(server, message, isOver), ownThread));
        }

        private static void publish(TestServer server, String message, AtomicBoolean isOver) {
            try (RawWebSocket speaker = RawWebSocket.open(server.url("/ws"))) {
                while (!isOver.get()) {
                    speaker.text(message);
                    speaker.readText("\"ok\"");
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS));
                }
            }
        }

        void check() {
            isOver.set(true);
            done.orTimeout(1, TimeUnit.MINUTES).join();
        }

        @Override
        public void close() {
            isOver.set(true);
        }
    }

    /** How long it takes until both members are known to have left. */
    private static Duration untilLeft(TestServer server, RawWebSocket watcher) throws Exception {
        try (SilentProxy proxy = new SilentProxy(URI.create(server.url()).getPort())) {
            String lossy = "http://127.0.0.1:" + proxy.port();
            try (RawWebSocket plain = RawWebSocket.open(lossy + "/ws");
                    RawWebSocket centrifugo = RawWebSocket.open(lossy + "/connection/websocket")) {
                plain.text("{\"type\":\"channel:subscribe\",\"payload\":{\"channel\":\"demo:half\"}}");
                watcher.readText("presence:join");
                centrifugo.text("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"demo:half\"}}");
                watcher.readText("presence:join");
                long before = System.nanoTime();
                proxy.fallSilent();
                watcher.readText("presence:leave");
                watcher.readText("presence:leave");
                return Duration.ofNanos(System.nanoTime() - before);
            }
        }
    }
}
