import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * One connection that listens to one channel: begins with the upgrade, waits for its welcome, subscribes, and counts what
 * is delivered. Used by the thread of its {@link Crowd}.
 */
final class Listener {
    private enum State {
        UPGRADING,
        ENTERING,
        SUBSCRIBED,
        CLOSED
    }

    private final Crowd crowd;
    private final Server server;
    private final Crowd.Wish wish;
    private final byte[] beforeNumber;
    private final SocketChannel socket;
    private final SelectionKey key;
    private final ArrayDeque<ByteBuffer> out = new ArrayDeque<>();

    private State state = State.UPGRADING;
    private byte[] rest = new byte[0];
    private ByteArrayOutputStream parts;
    private String answer = "";
    /** Answers to subscriptions that have not come. */
    private int open = 1;
    /** The number that the next message has to have. */
    int next;

    Listener(Crowd crowd, Selector selector, Server server, Crowd.Wish wish) throws IOException {
        this.crowd = crowd;
        this.server = server;
        this.wish = wish;
        this.beforeNumber = server.speech().beforeNumber(wish.channel()).getBytes(StandardCharsets.UTF_8);
        socket = SocketChannel.open();
        socket.configureBlocking(false);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        if (wish.deaf()) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        }
        boolean connected = socket.connect(server.address());
        key = socket.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
        if (connected) {
            send(Frames.upgrade(server));
        }
    }

    /** The answer to the subscription. */
    String answer() {
        return answer;
    }

    String channel() {
        return wish.channel();
    }

    void ready() {
        try {
            if (key.isConnectable()) {
                socket.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                send(Frames.upgrade(server));
                return;
            }
            if (key.isWritable()) {
                write();
            }
            if (key.isReadable()) {
                read();
            }
        } catch (IOException e) {
            close("broke: " + e.getMessage());
        }
    }

    void close() {
        state = State.CLOSED;
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void close(String why) {
        if (state != State.CLOSED) {
            close();
            crowd.lost(this, server.name() + " " + why);
        }
    }

    private void send(byte[] bytes) throws IOException {
        out.add(ByteBuffer.wrap(bytes));
        write();
    }

    private void write() throws IOException {
        while (!out.isEmpty()) {
            ByteBuffer first = out.peek();
            socket.write(first);
            if (first.hasRemaining()) {
                key.interestOpsOr(SelectionKey.OP_WRITE);
                return;
            }
            out.poll();
        }
        key.interestOpsAnd(~SelectionKey.OP_WRITE);
    }

    /** Reads what is there into the buffer that all share, behind what was left of a frame. */
    private void read() throws IOException {
        ByteBuffer in = crowd.space();
        boolean more = true;
        while (more && state != State.CLOSED) {
            in.clear();
            in.put(rest);
            int read = socket.read(in);
            if (read < 0) {
                close("closed a connection");
                return;
            }
            more = !in.hasRemaining();
            crowd.readsNow();
            int used = take(in.array(), in.position());
            rest = Arrays.copyOfRange(in.array(), used, in.position());
        }
    }

    /** Takes whole frames; answers how many bytes they had. */
    private int take(byte[] bytes, int end) throws IOException {
        int at = state == State.UPGRADING ? upgraded(bytes, end) : 0;
        while (state != State.UPGRADING && state != State.CLOSED && end - at >= 2) {
            int length = bytes[at + 1] & 0x7F;
            int begin = at + 2;
            if (length == 126) {
                begin += 2;
                length = end < begin ? Integer.MAX_VALUE - begin : (bytes[at + 2] & 0xFF) << 8 | bytes[at + 3] & 0xFF;
            } else if (length == 127) {
                begin += 8;
                length = end < begin ? Integer.MAX_VALUE - begin : Math.toIntExact(ByteBuffer.wrap(bytes, at + 2, 8).getLong());
            }
            if (end - begin < length) {
                break;
            }
            frame(bytes, at, begin, length);
            at = begin + length;
        }
        return at;
    }

    private int upgraded(byte[] bytes, int end) throws IOException {
        String head = new String(bytes, 0, Math.min(end, 2000), StandardCharsets.ISO_8859_1);
        int over = head.indexOf("\r\n\r\n");
        if (over < 0) {
            return 0;
        }
        if (!head.startsWith("HTTP/1.1 101")) {
            throw new IOException("answered " + head.lines().findFirst().orElse(""));
        }
        state = State.ENTERING;
        return over + 4;
    }

    private void frame(byte[] bytes, int at, int begin, int length) throws IOException {
        int opcode = bytes[at] & 0x0F;
        boolean last = bytes[at] < 0;
        if (opcode == Frames.PING) {
            send(Frames.frame(Frames.PONG, Arrays.copyOfRange(bytes, begin, begin + length)));
        } else if (opcode == Frames.CLOSE) {
            int code = length < 2 ? 1005 : (bytes[begin] & 0xFF) << 8 | bytes[begin + 1] & 0xFF;
            close("closed with " + code);
        } else if (opcode == Frames.TEXT && last) {
            message(bytes, begin, length);
        } else if (opcode == Frames.TEXT || opcode == Frames.CONTINUATION) {
            part(bytes, begin, length, last);
        }
    }

    private void part(byte[] bytes, int begin, int length, boolean last) throws IOException {
        parts = parts == null ? new ByteArrayOutputStream() : parts;
        parts.write(bytes, begin, length);
        if (last) {
            byte[] whole = parts.toByteArray();
            parts = null;
            message(whole, 0, whole.length);
        }
    }

    private void message(byte[] bytes, int begin, int length) throws IOException {
        int number = begin + beforeNumber.length;
        if (length > beforeNumber.length + Speech.DIGITS
                && Arrays.equals(bytes, begin, number, beforeNumber, 0, beforeNumber.length)) {
            crowd.delivered(this, number(bytes, number));
        } else if (state != State.SUBSCRIBED) {
            enter(new String(bytes, begin, length, StandardCharsets.UTF_8));
        } else if (length < 8) {
            String owed = server.speech().owed(new String(bytes, begin, length, StandardCharsets.UTF_8));
            if (!owed.isEmpty()) {
                send(Frames.text(owed));
            }
        }
    }

    private static int number(byte[] bytes, int at) {
        int number = 0;
        for (int i = 0; i < Speech.DIGITS; i++) {
            number = 10 * number + bytes[at + i] - '0';
        }
        return number;
    }

    private void enter(String text) throws IOException {
        Speech speech = server.speech();
        String owed = speech.owed(text);
        if (!owed.isEmpty()) {
            send(Frames.text(owed));
        } else if (speech.isWelcome(text)) {
            send(Frames.text(speech.subscribe(wish.channel(), wish.since())));
            if (!wish.other().isEmpty()) {
                open++;
                send(Frames.text(speech.subscribe(wish.other(), "")));
            }
        } else if (speech.isOf(text, "channel:subscribed") || speech.isOf(text, "chat:joined")) {
            subscribed(text);
        } else if (text.contains("error")) {
            throw new IOException("said " + text);
        }
    }

    private void subscribed(String text) {
        if (--open > 0) {
            return;
        }
        answer = text;
        state = State.SUBSCRIBED;
        if (wish.deaf()) {
            key.interestOps(0);
        }
        crowd.joined();
    }
}
