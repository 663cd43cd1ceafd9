package dev.sluice.support;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A WebSocket client on a bare socket, which sends frame by frame whatever it is told to, also what no client should
 * (RFC 6455). Reads only when asked, and answers nothing by itself. Used by one thread at a time.
 */
public final class RawWebSocket implements AutoCloseable {
    public static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    /** The code of a connection that ended without a close frame. */
    public static final int WITHOUT_CLOSE = 1006;

    private static final int READ_TIMEOUT_MILLIS = 60_000;
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final byte[] MASK = {1, 2, 3, 4};

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private String handshake = "";

    /** A frame as it came. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Frame(boolean isLast, int opcode, byte[] payload) {
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a close frame. */
        public int code() {
            return payload.length < 2 ? 1005 : ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
        }
    }

    private RawWebSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 1024));
        this.out = socket.getOutputStream();
    }

    /** Connects and upgrades; fails when the server refuses. */
    public static RawWebSocket open(String url, String... headers) {
        RawWebSocket opened = connect(url, 0, headers);
        if (!opened.handshake.startsWith("HTTP/1.1 101")) {
            opened.close();
            throw new AssertionError("refused: " + opened.handshake);
        }
        return opened;
    }

    /** As {@link #open}, with a receive buffer of this size, so that little fits between the two. */
    public static RawWebSocket openSmall(String url, int receiveBuffer, String... headers) {
        return connect(url, receiveBuffer, headers);
    }

    /** Asks for the upgrade, whatever comes of it. */
    public static RawWebSocket connect(String url, int receiveBuffer, String... headers) {
        URI uri = URI.create(url);
        try {
            Socket socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setSoTimeout(READ_TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
            RawWebSocket made = new RawWebSocket(socket);
            made.upgrade(uri, headers);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The status line and headers of the answer to the upgrade. */
    public String handshake() {
        return handshake;
    }

    public void text(String text) {
        frame(true, 0, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A masked frame. */
    public void frame(boolean isLast, int reserved, int opcode, byte[] payload) {
        write(bytes(isLast, reserved, opcode, payload, true));
    }

    /** A frame as bytes. */
    public static byte[] bytes(boolean isLast, int reserved, int opcode, byte[] payload, boolean masked) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write((isLast ? FIN : 0) | (reserved << 4) | opcode);
        int mask = masked ? MASKED : 0;
        if (payload.length < 126) {
            frame.write(mask | payload.length);
        } else if (payload.length < 65536) {
            frame.write(mask | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(mask | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        if (masked) {
            frame.writeBytes(MASK);
        }
        for (int i = 0; i < payload.length; i++) {
            frame.write(masked ? payload[i] ^ MASK[i % 4] : payload[i]);
        }
        return frame.toByteArray();
    }

    /** Bytes as they are. */
    public void write(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next frame; empty at the end of the connection, whatever kind of end. */
    public Optional<Frame> read() {
        try {
            int first = in.read();
            if (first < 0) {
                return Optional.empty();
            }
            long length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] payload = in.readNBytes(Math.toIntExact(length));
            return Optional.of(new Frame((first & FIN) != 0, first & 0x0f, payload));
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("nothing comes", e);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The next text, put together where it comes in parts; pings are answered on the way, pongs skipped. */
    public String readText() {
        return readText(deadline(), "");
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READ_TIMEOUT_MILLIS);
    }

    private String readText(long deadline, String last) {
        ByteArrayOutputStream parts = new ByteArrayOutputStream();
        while (true) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("it does not come; the last text was " + last);
            }
            Frame frame = read().orElseThrow(() -> new AssertionError("the connection ended"));
            switch (frame.opcode()) {
                case TEXT, CONTINUATION -> parts.writeBytes(frame.payload());
                case CLOSE -> throw new AssertionError("closed with " + frame.code() + " " + reason(frame));
                case PING -> frame(true, 0, PONG, frame.payload());
                case PONG -> {}
                default -> throw new AssertionError("opcode " + frame.opcode());
            }
            if (frame.isLast() && frame.opcode() <= TEXT) {
                return parts.toString(StandardCharsets.UTF_8);
            }
        }
    }

    /** The next text that contains this. */
    public String readText(String part) {
        long deadline = deadline();
        String text = readText(deadline, "");
        while (!text.contains(part)) {
            text = readText(deadline, text);
        }
        return text;
    }

    /** Reads until the connection is closed, and gives the close code. */
    public int readToClose() {
        for (Optional<Frame> frame = read(); frame.isPresent(); frame = read()) {
            if (frame.get().opcode() == CLOSE) {
                return frame.get().code();
            }
        }
        return WITHOUT_CLOSE;
    }

    /** Says that it closes. */
    public void sendClose(int code) {
        frame(true, 0, CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
    }

    /** Goes away at once, as a killed process does: with a reset. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String reason(Frame frame) {
        return frame.payload().length < 2
                ? ""
                : new String(frame.payload(), 2, frame.payload().length - 2, StandardCharsets.UTF_8);
    }

    private void upgrade(URI uri, String... headers) throws IOException {
        String target = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: " + uri.getAuthority()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
        for (String header : headers) {
            request.append("\r\n").append(header);
        }
        write(request.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder answer = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            answer.append((char) c);
            if (answer.length() >= 4 && answer.substring(answer.length() - 4).equals("\r\n\r\n")) {
                break;
            }
        }
        handshake = answer.toString();
    }
}
