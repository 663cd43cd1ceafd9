import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One connection that publishes. Used by one thread; another one reads what the server answers. */
final class Speaker implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Server server;
    private final Socket socket;
    private final DataInputStream in;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    Speaker(Server server) {
        this.server = server;
        try {
            socket = new Socket(server.host(), server.port());
            socket.setTcpNoDelay(true);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
            send(Frames.upgrade(server));
            upgraded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread reader = new Thread(this::read, "speaker");
        reader.setDaemon(true);
        reader.start();
        String text;
        do {
            text = answer();
        } while (!server.speech().isWelcome(text));
    }

    byte[] publication(String channel, int number, int bytes) {
        return Frames.text(server.speech().publish(channel, number, bytes));
    }

    synchronized void send(byte[] frames) {
        try {
            socket.getOutputStream().write(frames);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Publishes, and waits until the server says that it is done. */
    void publish(byte[] publication) {
        send(publication);
        String text = answer();
        if (!server.speech().isOf(text, "ok")) {
            throw new IllegalStateException(server.name() + " said " + text);
        }
    }

    /** The next thing that the server says. */
    String answer() {
        try {
            String text = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (text == null) {
                throw new IllegalStateException(server.name() + " does not answer");
            }
            return text;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Forgets what was answered so far. */
    void forget() {
        answers.clear();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void upgraded() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        if (!head.toString().startsWith("HTTP/1.1 101")) {
            throw new IOException(head.toString());
        }
    }

    private void read() {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try {
            while (true) {
                int first = in.readUnsignedByte();
                int length = in.readUnsignedByte();
                length = length == 126 ? in.readUnsignedShort() : length == 127 ? (int) in.readLong() : length;
                byte[] payload = in.readNBytes(length);
                int opcode = first & 0x0F;
                if (opcode == Frames.PING) {
                    send(Frames.frame(Frames.PONG, payload));
                } else if (opcode == Frames.CLOSE) {
                    return;
                } else {
                    message.writeBytes(payload);
                    if (first >= 0x80) {
                        said(message.toString(StandardCharsets.UTF_8));
                        message.reset();
                    }
                }
            }
        } catch (IOException e) {
            // Closed, by either side.
        }
    }

    private void said(String text) {
        String owed = server.speech().owed(text);
        if (owed.isEmpty()) {
            answers.add(text);
        } else {
            send(Frames.text(owed));
        }
    }
}
