package dev.sluice.realtime;

import static dev.sluice.support.RawWebSocket.BINARY;
import static dev.sluice.support.RawWebSocket.CLOSE;
import static dev.sluice.support.RawWebSocket.CONTINUATION;
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
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that no client should send, frames that few send, and what becomes of them (RFC 6455, RFC 3629). */
class FramesIT {
    private static final int PROTOCOL_ERROR = 1002;
    private static final int NOT_UTF8 = 1007;
    private static final int TOO_LARGE = 1009;
    private static final int LIMIT = 64 * 1024;

    private static TestDatabase database;
    private static TestServer server;
    private static RawWebSocket bystander;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        server = TestServer.demo(database).start();
        bystander = Gateways.ready(server);
    }

    @AfterAll
    static void stop() {
        bystander.close();
        server.close();
        database.close();
    }

    /**
     * What is sent, and the close code that comes of it.
     *
     * @param code 0 = the connection goes on
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Case(String name, byte[] bytes, int code) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        reservedBits(cases);
        reservedOpcodes(cases);
        masks(cases);
        fragments(cases);
        controls(cases);
        texts(cases);
        closes(cases);
        sizes(cases);
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyFrameHasTheEndItShould(Case given) throws Exception {
        long before = Gateways.figure(server, "open");
        if (given.code() == 0) {
            try (RawWebSocket socket = Gateways.open(server)) {
                send(socket, given.bytes());
                Gateways.echo(socket);
                socket.sendClose(1000);
                assertThat(socket.readToClose()).isEqualTo(1000);
            }
        } else {
            assertThat(endOf(given)).isEqualTo(given.code());
        }
        Gateways.echo(bystander);
        await().until(() -> Gateways.figure(server, "open") <= before);
    }

    /** Where the server leaves bytes unread, its reset of the connection may overtake the close frame: then once more. */
    private static int endOf(Case given) throws Exception {
        int code = RawWebSocket.WITHOUT_CLOSE;
        for (int i = 0; i < 10 && code == RawWebSocket.WITHOUT_CLOSE; i++) {
            try (RawWebSocket socket = Gateways.open(server)) {
                send(socket, given.bytes());
                code = socket.readToClose();
            }
        }
        return code;
    }

    @Test
    void aMessageMayComeByteByByte() throws Exception {
        try (RawWebSocket socket = Gateways.open(server)) {
            byte[] frame = RawWebSocket.bytes(
                    true, 0, TEXT, bytes("{\"type\":\"echo\",\"payload\":\"\ud834\udd1e chop\"}"), true);
            for (byte b : frame) {
                socket.write(new byte[] {b});
            }
            assertThat(payload(socket)).isEqualTo("\ud834\udd1e chop");
        }
    }

    @Test
    void aMessageMayComeInFramesOfOneByte() {
        try (RawWebSocket socket = Gateways.open(server)) {
            String clefs = "\ud834\udd1e".repeat(4000);
            socket.write(inFramesOfOneByte(bytes("{\"type\":\"echo\",\"payload\":\"" + clefs + "\"}")));
            assertThat(payload(socket)).isEqualTo(clefs);
        }
    }

    @Test
    void aPingInTheMidstOfAMessageIsAnswered() {
        try (RawWebSocket socket = Gateways.open(server)) {
            socket.frame(false, 0, TEXT, bytes("{\"type\":\"echo\","));
            socket.frame(true, 0, PING, bytes("meanwhile"));
            RawWebSocket.Frame pong = socket.read().orElseThrow();
            assertThat(pong.opcode()).isEqualTo(PONG);
            assertThat(pong.text()).isEqualTo("meanwhile");
            socket.frame(true, 0, CONTINUATION, bytes("\"payload\":\"whole\"}"));
            assertThat(socket.readText()).contains("whole");
        }
    }

    @Test
    void aFloodOfPingsHoldsUpNobody() {
        try (RawWebSocket socket = Gateways.open(server)) {
            byte[] ping = RawWebSocket.bytes(true, 0, PING, bytes("x".repeat(100)), true);
            for (int round = 0; round < 10; round++) {
                for (int i = 0; i < 1000; i++) {
                    socket.write(ping);
                }
                for (int i = 0; i < 1000; i++) {
                    assertThat(socket.read().map(RawWebSocket.Frame::opcode)).contains(PONG);
                }
                Gateways.echo(bystander);
            }
            Gateways.echo(socket);
        }
    }

    @Test
    void pingsOfAClientThatNeverReadsCostItTheConnectionAndNobodyElse() throws Exception {
        long before = Gateways.figure(server, "open");
        try (RawWebSocket socket = RawWebSocket.openSmall(server.url(Gateways.PATH), 4096)) {
            byte[] ping = RawWebSocket.bytes(true, 0, PING, bytes("x".repeat(125)), true);
            floodUntilItBreaks(socket, ping);
            await().until(() -> Gateways.figure(server, "open") <= before);
            Gateways.echo(bystander);
        }
    }

    @Test
    void whatComesAfterACloseIsIgnored() {
        try (RawWebSocket socket = Gateways.ready(server)) {
            socket.sendClose(1000);
            Optional<RawWebSocket.Frame> close = socket.read();
            assertThat(close.map(RawWebSocket.Frame::opcode)).contains(CLOSE);
            assertThat(socket.read()).isEmpty();
        }
    }

    private static String payload(RawWebSocket socket) {
        return Json.parse(socket.readText()).get("payload").asText();
    }

    private static void floodUntilItBreaks(RawWebSocket socket, byte[] frame) {
        long until = System.nanoTime() + 60_000_000_000L;
        try {
            while (System.nanoTime() < until) {
                socket.write(frame);
            }
        } catch (UncheckedIOException e) {
            return;
        }
        throw new AssertionError("it is not closed");
    }

    private static void send(RawWebSocket socket, byte[] bytes) {
        try {
            socket.write(bytes);
        } catch (UncheckedIOException e) {
            // The server may close before it has taken all.
        }
    }

    private static void reservedBits(List<Case> cases) {
        for (int bits = 1; bits <= 7; bits++) {
            cases.add(new Case("reserved bits " + bits, bytes(true, bits, TEXT, bytes("a"), true), PROTOCOL_ERROR));
        }
        cases.add(new Case("reserved bit of a ping", bytes(true, 4, PING, bytes("a"), true), PROTOCOL_ERROR));
    }

    private static void reservedOpcodes(List<Case> cases) {
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            cases.add(new Case("opcode " + opcode, bytes(true, 0, opcode, bytes("a"), true), PROTOCOL_ERROR));
        }
    }

    private static void masks(List<Case> cases) {
        cases.add(new Case("text without a mask", bytes(true, 0, TEXT, bytes("a"), false), PROTOCOL_ERROR));
        cases.add(new Case("ping without a mask", bytes(true, 0, PING, bytes("a"), false), PROTOCOL_ERROR));
        cases.add(new Case("close without a mask", bytes(true, 0, CLOSE, new byte[0], false), PROTOCOL_ERROR));
    }

    private static void fragments(List<Case> cases) {
        byte[] text = frame(false, TEXT, bytes("a"));
        cases.add(new Case("continuation of nothing", frame(true, CONTINUATION, bytes("a")), PROTOCOL_ERROR));
        cases.add(new Case(
                "continuation of a whole",
                join(frame(true, TEXT, bytes("{}")), frame(true, CONTINUATION, bytes("a"))),
                PROTOCOL_ERROR));
        cases.add(new Case("text in the midst of a text", join(text, frame(true, TEXT, bytes("a"))), PROTOCOL_ERROR));
        cases.add(
                new Case("binary in the midst of a text", join(text, frame(true, BINARY, bytes("a"))), PROTOCOL_ERROR));
        cases.add(new Case(
                "empty parts",
                join(frame(false, TEXT), frame(false, CONTINUATION), frame(true, CONTINUATION, bytes("{}"))),
                0));
        cases.add(new Case("nothing but empty parts", join(frame(false, TEXT), frame(true, CONTINUATION)), 0));
    }

    private static void controls(List<Case> cases) {
        byte[] most = new byte[125];
        byte[] tooMuch = new byte[126];
        cases.add(new Case("largest ping", frame(true, PING, most), 0));
        cases.add(new Case("empty ping", frame(true, PING), 0));
        cases.add(new Case("pong that nobody asked for", frame(true, PONG, bytes("a")), 0));
        cases.add(new Case("too large a ping", frame(true, PING, tooMuch), PROTOCOL_ERROR));
        cases.add(new Case("too large a pong", frame(true, PONG, tooMuch), PROTOCOL_ERROR));
        cases.add(new Case("too large a close", frame(true, CLOSE, tooMuch), PROTOCOL_ERROR));
        cases.add(new Case("ping in parts", frame(false, PING, bytes("a")), PROTOCOL_ERROR));
        cases.add(new Case("pong in parts", frame(false, PONG, bytes("a")), PROTOCOL_ERROR));
        cases.add(new Case("close in parts", frame(false, CLOSE), PROTOCOL_ERROR));
    }

    private static void texts(List<Case> cases) {
        utf8(cases, "a lonely byte", 0xff);
        utf8(cases, "a continuation alone", 0x80);
        utf8(cases, "overlong", 0xc0, 0x80);
        utf8(cases, "a surrogate", 0xed, 0xa0, 0x80);
        utf8(cases, "beyond Unicode", 0xf4, 0x90, 0x80, 0x80);
        utf8(cases, "cut short", 0xe2, 0x82);
        cases.add(new Case(
                "wrong over two parts",
                join(frame(false, TEXT, 0xe2, 0x82), frame(true, CONTINUATION, 'a')),
                NOT_UTF8));
        cases.add(new Case(
                "cut short over two parts",
                join(frame(false, TEXT, 0xf0, 0x9d), frame(true, CONTINUATION, 0x84)),
                NOT_UTF8));
        cases.add(new Case("wrong before the end", frame(false, TEXT, 'a', 0xff, 'a'), NOT_UTF8));
        byte[] clef = bytes("{\"a\":\"\ud834\udd1e\"}");
        cases.add(new Case("a character in four parts", inFramesOfOneByte(clef), 0));
        cases.add(new Case("an empty text", frame(true, TEXT), 0));
    }

    private static void utf8(List<Case> cases, String name, int... bytes) {
        cases.add(new Case("not UTF-8: " + name, frame(true, TEXT, bytes), NOT_UTF8));
    }

    private static void closes(List<Case> cases) {
        cases.add(new Case("close of one byte", frame(true, CLOSE, 3), PROTOCOL_ERROR));
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
            cases.add(new Case("close with " + code, close(code), PROTOCOL_ERROR));
        }
        for (int code : new int[] {1000, 1001, 1003, 1008, 1011, 3000, 4999}) {
            cases.add(new Case("close with " + code, close(code), code));
        }
    }

    private static void sizes(List<Case> cases) {
        byte[] most = bytes(" ".repeat(LIMIT - 2) + "{}");
        cases.add(new Case("largest text", frame(true, TEXT, most), 0));
        cases.add(new Case("too large a text", frame(true, TEXT, bytes(" ".repeat(LIMIT + 1))), TOO_LARGE));
        cases.add(new Case(
                "too large in parts",
                join(frame(false, TEXT, most), frame(true, CONTINUATION, bytes(" "))),
                TOO_LARGE));
        cases.add(new Case("too large in bytes only", frame(true, TEXT, bytes("\u20ac".repeat(LIMIT / 2))), TOO_LARGE));
        cases.add(new Case("binary", frame(true, BINARY, 1, 2, 3), 1003));
        byte[] header = {(byte) 0x81, (byte) 0xff, 0x3f, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0};
        cases.add(new Case("exabytes that never come", join(header, bytes(" ".repeat(LIMIT + 2000))), TOO_LARGE));
        byte[] negative = {(byte) 0x81, (byte) 0xff, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, ' '};
        cases.add(new Case("a length that is none", negative, PROTOCOL_ERROR));
    }

    private static byte[] inFramesOfOneByte(byte[] message) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < message.length; i++) {
            frames.writeBytes(frame(i == message.length - 1, i == 0 ? TEXT : CONTINUATION, message[i]));
        }
        return frames.toByteArray();
    }

    private static byte[] close(int code) {
        return frame(true, CLOSE, code >> 8, code);
    }

    private static byte[] frame(boolean isLast, int opcode, int... payload) {
        byte[] bytes = new byte[payload.length];
        for (int i = 0; i < payload.length; i++) {
            bytes[i] = (byte) payload[i];
        }
        return frame(isLast, opcode, bytes);
    }

    private static byte[] frame(boolean isLast, int opcode, byte[] payload) {
        return bytes(isLast, 0, opcode, payload, true);
    }

    private static byte[] bytes(boolean isLast, int reserved, int opcode, byte[] payload, boolean masked) {
        return RawWebSocket.bytes(isLast, reserved, opcode, payload, masked);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
