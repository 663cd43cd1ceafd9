package dev.sluice.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.support.RawWebSocket;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 100_000})
    void theWireFormIsOneFrameWhateverItsSize(int length) {
        byte[] text = "x".repeat(length).getBytes(UTF_8);

        assertThat(wire(Frame.of(new String(text, UTF_8))))
                .isEqualTo(RawWebSocket.bytes(true, 0, RawWebSocket.TEXT, text, false));
    }

    @Test
    void theWireFormIsUtf8() {
        String text = "a\u00e4\u20ac\ud834\udd1e\u0000".repeat(30);

        assertThat(wire(Frame.of(text)))
                .isEqualTo(RawWebSocket.bytes(true, 0, RawWebSocket.TEXT, text.getBytes(UTF_8), false));
    }

    @Test
    void halfACharacterIsAQuestionMark() {
        assertThat(wire(Frame.of("a\ud834b")))
                .isEqualTo(RawWebSocket.bytes(true, 0, RawWebSocket.TEXT, "a?b".getBytes(UTF_8), false));
    }

    @Test
    void aPingIsAFrameToo() {
        assertThat(wire(Frame.PING)).isEqualTo(RawWebSocket.bytes(true, 0, RawWebSocket.PING, new byte[0], false));
    }

    @Test
    void theWireFormIsSharedAndCannotBeChanged() {
        Frame frame = Frame.of("a");

        assertThat(frame.wire()).isSameAs(frame.wire());
        assertThat(frame.wire().isReadOnly()).isTrue();
    }

    private static byte[] wire(Frame frame) {
        ByteBuffer wire = frame.wire().duplicate();
        byte[] bytes = new byte[wire.remaining()];
        wire.get(bytes);
        return bytes;
    }
}
