package dev.sluice.flow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A text message as it goes to clients: encoded once, shared by all outboxes that hold it. Immutable.
 */
public final class Frame {
    /** Asks the client for a sign of life, where the wire has a form for that beside texts. */
    public static final Frame PING = new Frame("", 0, 0x89);

    private static final int TEXT = 0x81;
    private static final int MOST_IN_ONE_BYTE = 125;
    private static final int MOST_IN_TWO_BYTES = 0xffff;

    private final String text;
    private final int bytes;
    private final int first;
    /** Made when it is first written, perhaps by several at once. */
    private volatile @Nullable ByteBuffer wire;

    private Frame(String text, int bytes, int first) {
        this.text = text;
        this.bytes = bytes;
        this.first = first;
    }

    public static Frame of(String text) {
        return new Frame(text, utf8Length(text), TEXT);
    }

    public String text() {
        return text;
    }

    /** Its length in UTF-8. */
    public int bytes() {
        return bytes;
    }

    /**
     * As a server sends it over a WebSocket: one frame, header and UTF-8 (RFC 6455, 5.2). Read-only and shared: to be read
     * by absolute indexes, or from a duplicate. Half of a surrogate pair has no UTF-8 and is a question mark.
     */
    public ByteBuffer wire() {
        ByteBuffer made = wire;
        if (made == null) {
            made = make().asReadOnlyBuffer();
            wire = made;
        }
        return made;
    }

    private ByteBuffer make() {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(10 + payload.length).put((byte) first);
        if (payload.length <= MOST_IN_ONE_BYTE) {
            frame.put((byte) payload.length);
        } else if (payload.length <= MOST_IN_TWO_BYTES) {
            frame.put((byte) 126).putShort((short) payload.length);
        } else {
            frame.put((byte) 127).putLong(payload.length);
        }
        return frame.put(payload).flip().slice();
    }

    /** The length of a text in UTF-8; half of a surrogate pair counts as half of its four bytes. */
    public static int utf8Length(CharSequence text) {
        int length = text.length();
        int bytes = length;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return bytes;
    }
}
