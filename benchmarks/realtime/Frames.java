import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames of RFC 6455 as a client writes them. Stateless. */
final class Frames {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private Frames() {}

    static byte[] text(String text) {
        return frame(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Masked with zeros, as the payload is. */
    static byte[] frame(int opcode, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
        frame.put((byte) (0x80 | opcode));
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 1 << 16) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.putInt(0).put(payload);
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    static byte[] upgrade(Server server) {
        String path = server.speech().path();
        String token = server.token().isEmpty() ? "" : "Authorization: Bearer " + server.token() + "\r\n";
        return ("GET " + path + " HTTP/1.1\r\nHost: " + server.host() + ":" + server.port()
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + token + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
