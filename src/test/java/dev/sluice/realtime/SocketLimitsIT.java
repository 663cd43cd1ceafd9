package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.http.Json;
import dev.sluice.support.RawWebSocket;
import dev.sluice.support.TestDatabase;
import dev.sluice.support.TestServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client may have and do, and what happens when it wants more. */
class SocketLimitsIT {
    private static final String ALICE = "Authorization: Bearer secret-user-123";
    private static final String ADMIN = "Authorization: Bearer secret-admin-123";

    private static TestDatabase database;

    private final List<RawWebSocket> sockets = new ArrayList<>();

    @BeforeAll
    static void create() {
        database = TestDatabase.create();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    @AfterEach
    void closeSockets() {
        sockets.forEach(RawWebSocket::close);
    }

    @Test
    void beyondTheLimitASocketIsToldToTryAgainAndBeyondATenthMoreTheUpgradeIsRefused() throws Exception {
        try (TestServer server = with("realtime.max-connections", "3")) {
            for (int i = 0; i < 3; i++) {
                keep(Gateways.ready(server));
            }
            List<RawWebSocket> refused = new ArrayList<>();
            List<String> answers = new ArrayList<>();
            long until = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (!answers.contains("503") && System.nanoTime() < until) {
                // It does not answer the close frame: who does is gone, and takes no place from the next.
                RawWebSocket socket = RawWebSocket.connect(server.url(Gateways.PATH), 0);
                refused.add(socket);
                answers.add(answer(socket));
            }
            refused.forEach(RawWebSocket::close);

            assertThat(answers).startsWith("1013", "1013").endsWith("503").containsOnly("1013", "503");
            assertThat(Gateways.figure(server, "open")).isEqualTo(3);
            assertThat((long) Gateways.metric(server, "sluice_connections_refused_total{reason=\"full\""))
                    .isEqualTo(answers.stream().filter("1013"::equals).count());
            sockets.forEach(Gateways::echo);
            sockets.get(0).sendClose(1000);
            await().untilAsserted(() -> keep(Gateways.ready(server)));
        }
    }

    @Test
    void whoDoesNotAnswerACloseFrameCountsUntilTheContainerLetsItGo() throws Exception {
        try (TestServer server = with("realtime.max-connections", "3")) {
            int upgraded = 0;
            // Longer than a place above the limit was once kept, shorter than the container waits for an answer.
            long until = System.nanoTime() + Duration.ofSeconds(6).toNanos();
            for (int i = 0; i < 400 && System.nanoTime() < until; i++) {
                String query = i % 2 == 0 ? "?token=none" : "";
                RawWebSocket socket = keep(RawWebSocket.connect(server.url(Gateways.PATH + query), 0));
                if (socket.handshake().startsWith("HTTP/1.1 101")) {
                    upgraded++;
                    // Those that are let in are closed for this, and do not answer either.
                    socket.frame(true, 0, RawWebSocket.BINARY, new byte[] {1});
                }
                Thread.sleep(10);
            }

            assertThat(upgraded).isBetween(13, 15);
            assertThat(sockets.get(sockets.size() - 1).handshake()).startsWith("HTTP/1.1 503");
            assertThat(Gateways.figure(server, "sockets")).isEqualTo(upgraded);
            await().until(() -> Gateways.figure(server, "open") == 0);
            await().atMost(Duration.ofMinutes(1)).until(() -> Gateways.figure(server, "sockets") == 0);
            for (int i = 0; i < 3; i++) {
                keep(Gateways.ready(server));
            }
        }
    }

    @Test
    void whoClosesOrAnswersLeavesItsPlaceToOthers() throws Exception {
        try (TestServer server = with("realtime.max-connections", "3")) {
            for (int i = 0; i < 100; i++) {
                try (RawWebSocket socket = Gateways.ready(server)) {
                    socket.sendClose(1000);
                    assertThat(socket.readToClose()).isEqualTo(1000);
                }
            }
            RawWebSocket refused = keep(RawWebSocket.open(server.url(Gateways.PATH + "?token=none")));
            assertThat(refused.readToClose()).isEqualTo(4001);
            assertThat(Gateways.figure(server, "sockets")).isPositive();
            refused.sendClose(4001);
            await().atMost(Duration.ofSeconds(5)).until(() -> Gateways.figure(server, "sockets") == 0);
        }
    }

    @Test
    void ofAHerdExactlyAsManyStayAsThereIsRoomFor() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (TestServer server = with("realtime.max-connections", "20")) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                answers.add(threads.submit(() -> {
                    RawWebSocket socket = RawWebSocket.connect(server.url(Gateways.PATH), 0);
                    synchronized (sockets) {
                        sockets.add(socket);
                    }
                    return answer(socket);
                }));
            }
            int stayed = 0;
            for (Future<String> answer : answers) {
                assertThat(answer.get()).isIn("open", "1013", "503");
                stayed += answer.get().equals("open") ? 1 : 0;
            }
            assertThat(stayed).isEqualTo(20);
            assertThat(Gateways.figure(server, "open")).isEqualTo(20);
            closeSockets();
            await().until(() -> Gateways.figure(server, "open") == 0);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void oneUserHasAsManyAsOneUserMayHaveHoweverTheyAreSignedIn() throws Exception {
        try (TestServer server = with("realtime.per-user", "2")) {
            keep(Gateways.ready(server, ALICE));
            RawWebSocket second = keep(Gateways.ready(server));
            second.text("{\"type\":\"auth\",\"payload\":{\"token\":\"secret-user-123\"}}");
            assertThat(second.readText()).contains("\"ok\"");

            assertThat(keep(Gateways.open(server, ALICE)).readToClose()).isEqualTo(1013);
            RawWebSocket late = keep(Gateways.ready(server));
            late.text("{\"type\":\"auth\",\"payload\":{\"token\":\"secret-user-123\"}}");
            assertThat(late.readToClose()).isEqualTo(1013);
            keep(Gateways.ready(server, ADMIN));
            second.close();
            await().untilAsserted(() -> keep(Gateways.ready(server, ALICE)));
        }
    }

    @Test
    void oneAddressHasAsManyAsOneAddressMayHave() throws Exception {
        try (TestServer server = with("realtime.per-address", "2", "trusted-proxies", "127.0.0.1")) {
            keep(Gateways.ready(server, "X-Forwarded-For: 203.0.113.5"));
            keep(Gateways.ready(server, "X-Forwarded-For: 203.0.113.5"));
            assertThat(keep(Gateways.open(server, "X-Forwarded-For: 203.0.113.5"))
                            .readToClose())
                    .isEqualTo(1013);
            keep(Gateways.ready(server, "X-Forwarded-For: 203.0.113.6"));
            keep(Gateways.ready(server, "X-Forwarded-For: 2001:db8::1"));
            keep(Gateways.ready(server, "X-Forwarded-For: 2001:db8::2"));
            assertThat(keep(Gateways.open(server, "X-Forwarded-For: 2001:db8::3"))
                            .readToClose())
                    .isEqualTo(1013);
        }
    }

    @Test
    void whoSendsTooFastIsToldSoAndThenClosed() throws Exception {
        try (TestServer server = with("realtime.message-rate", "5/h");
                RawWebSocket socket = Gateways.open(server)) {
            for (int i = 0; i < 200; i++) {
                send(socket, "{\"type\":\"echo\",\"payload\":" + i + "}");
            }
            assertThat(texts(socket)).satisfies(texts -> {
                assertThat(texts.subList(0, 5)).allMatch(text -> text.contains("\"echo\""));
                assertThat(texts.get(5)).contains("too_many_requests");
            });
            await().until(() ->
                    Gateways.metric(server, "sluice_connections_ended_total{reason=\"too-many-requests\"") == 1);
        }
    }

    @Test
    void whoPublishesTooFastIsToldSoAndMaySayOtherThings() throws Exception {
        try (TestServer server = with("realtime.publish-rate", "3/h");
                RawWebSocket socket = Gateways.open(server)) {
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                socket.text(Gateways.message("message", "Ann", "n" + i));
                answers.add(Json.parse(socket.readText()).get("type").asText());
            }
            assertThat(answers).containsExactly("chat", "chat", "chat", "error", "error");
            Gateways.echo(socket);
        }
    }

    @ParameterizedTest
    @CsvSource({"/ws, 1008", "/ws/gateway, 1008", "/connection/websocket, 3013"})
    void whoGoesOnToPublishTooFastIsClosed(String path, int code) throws Exception {
        try (TestServer server = with("realtime.publish-rate", "3/h", "realtime.message-rate", "0");
                RawWebSocket socket = RawWebSocket.open(server.url(path))) {
            boolean isCentrifugo = path.startsWith("/connection");
            if (isCentrifugo) {
                socket.text("{\"id\":1,\"connect\":{}}");
            }
            String publication = isCentrifugo
                    ? "{\"id\":2,\"publish\":{\"channel\":\"live:fast\",\"data\":1}}"
                    : path.endsWith("gateway")
                            ? Gateways.message("message", "Ann", "n")
                            : "{\"type\":\"channel:publish\",\"id\":1,\"payload\":{\"channel\":\"live:fast\",\"data\":1}}";
            Optional<RawWebSocket.Frame> frame = Optional.empty();
            for (int i = 0; i < 600 && !isClose(frame); i++) {
                send(socket, publication);
                // Each is answered.
                frame = socket.read();
            }
            assertThat(frame.map(RawWebSocket.Frame::code)).contains(code);
            await().until(() -> Gateways.figure(server, "open") == 0);
        }
    }

    @Test
    void unfinishedMessagesOfAllTogetherHaveALimit() throws Exception {
        try (TestServer server = with("realtime.incoming-bytes", "100K")) {
            byte[] part = "x".repeat(60_000).getBytes(StandardCharsets.UTF_8);
            RawWebSocket first = keep(Gateways.ready(server));
            first.frame(false, 0, RawWebSocket.TEXT, part);
            await().until(() -> Gateways.figure(server, "incomingBytes") == 60_000);
            RawWebSocket second = keep(Gateways.ready(server));
            second.frame(false, 0, RawWebSocket.TEXT, part);
            assertThat(second.readToClose()).isEqualTo(1013);
            first.close();
            await().until(() -> Gateways.figure(server, "incomingBytes") == 0);
        }
    }

    @Test
    void whatComesWholeGetsThroughHoweverMuchOthersLeaveUnfinished() throws Exception {
        try (TestServer server = with("realtime.incoming-bytes", "100K")) {
            for (int size : new int[] {60_000, 42_400}) {
                keep(Gateways.ready(server))
                        .frame(false, 0, RawWebSocket.TEXT, "x".repeat(size).getBytes(StandardCharsets.UTF_8));
            }
            await().until(() -> Gateways.figure(server, "incomingBytes") == 102_400);

            Gateways.echo(keep(Gateways.ready(server)));
        }
    }

    @Test
    void whoHasNoTokenYetMaySayLittle() throws Exception {
        try (TestServer server = TestServer.with(database).start()) {
            for (boolean last : new boolean[] {false, true}) {
                RawWebSocket stranger = keep(Gateways.open(server));
                stranger.frame(
                        last, 0, RawWebSocket.TEXT, ("{}" + " ".repeat(16 * 1024)).getBytes(StandardCharsets.UTF_8));
                assertThat(stranger.readToClose()).isEqualTo(1009);
            }
            RawWebSocket stranger = keep(Gateways.open(server));
            stranger.text("{}" + " ".repeat(16 * 1024 - 2));
            assertThat(stranger.readText()).contains("error");
        }
    }

    @Test
    void aMessageThatDoesNotComeToItsEndIsNotWaitedForForEver() throws Exception {
        try (TestServer server = with("realtime.auth-timeout", "500ms");
                RawWebSocket socket = Gateways.ready(server)) {
            socket.frame(false, 0, RawWebSocket.TEXT, new byte[] {'x'});
            assertThat(socket.readToClose()).isEqualTo(1008);
            await().until(() -> Gateways.figure(server, "incomingBytes") == 0);
        }
    }

    private static TestServer with(String... settings) {
        TestServer.Builder builder = TestServer.demo(database);
        for (int i = 0; i < settings.length; i += 2) {
            builder.set(settings[i], settings[i + 1]);
        }
        return builder.start();
    }

    private RawWebSocket keep(RawWebSocket socket) {
        sockets.add(socket);
        return socket;
    }

    /** Whether it is open, or else the close code or status it got. */
    private static String answer(RawWebSocket socket) {
        if (!socket.handshake().startsWith("HTTP/1.1 101")) {
            assertThat(socket.handshake()).contains("Retry-After: ");
            return socket.handshake().split(" ")[1];
        }
        try {
            Gateways.echo(socket);
            return "open";
        } catch (AssertionError e) {
            String[] words = String.valueOf(e.getMessage()).split(" ");
            return words[Math.min(2, words.length - 1)];
        } catch (java.io.UncheckedIOException e) {
            return String.valueOf(socket.readToClose());
        }
    }

    private static boolean isClose(Optional<RawWebSocket.Frame> frame) {
        return frame.filter(one -> one.opcode() == RawWebSocket.CLOSE).isPresent();
    }

    private static void send(RawWebSocket socket, String text) {
        try {
            socket.text(text);
        } catch (java.io.UncheckedIOException e) {
            // Closed meanwhile.
        }
    }

    private static List<String> texts(RawWebSocket socket) {
        return Stream.generate(socket::read)
                .takeWhile(frame -> frame.isPresent() && frame.get().opcode() == RawWebSocket.TEXT)
                .map(frame -> frame.orElseThrow().text())
                .collect(Collectors.toList());
    }
}
