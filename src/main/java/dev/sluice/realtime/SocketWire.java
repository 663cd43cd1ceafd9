package dev.sluice.realtime;

import dev.sluice.flow.Frame;
import dev.sluice.flow.OutboxEnd;
import dev.sluice.flow.Wire;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket session as an outbox writes to it: many frames at once by {@link GatheredWrites}, or by what every container
 * has, one frame after the other through its buffer. The container's own time-out of asynchronous sends stays unset: a
 * session in which it struck stays open for ever and never sees its end.
 */
final class SocketWire implements Wire {
    /** How long a client may take to answer a close frame. */
    static final long ANSWER_MILLIS = 10_000;

    /** Properties of every session; the container wants each as a {@link Long} and ignores anything else in silence. */
    static final Map<String, Object> PROPERTIES = Map.of(
            // How long several texts on the public way, or the container's answer to a ping, may hold its thread.
            "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT",
            1000L,
            "org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT",
            SocketWire.ANSWER_MILLIS);

    private static final Logger LOG = LoggerFactory.getLogger(SocketWire.class);
    private static final String BLOCKING_SEND_TIMEOUT = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";

    /** How long a close frame may take to leave: ample for any peer that takes what is written to it. */
    static final long CLOSE_MILLIS = 250;

    /** The same where a write is in flight that the frame cannot overtake: many may have to be closed in a row. */
    private static final long STALLED_CLOSE_MILLIS = 1;

    private final Session session;
    private final Supplier<CloseReason> farewell;
    private final Upgrades upgrades;
    private final GatheredWrites.@Nullable Writer writer;
    /** Whether a write has begun that has not gone well, or not yet. */
    private volatile boolean writing;

    /** @param farewell says how to close, once that is to be done */
    SocketWire(Session session, Supplier<CloseReason> farewell, Upgrades upgrades, Optional<GatheredWrites> writes) {
        this.session = session;
        this.farewell = farewell;
        this.upgrades = upgrades;
        this.writer = writes.flatMap(gathered -> gathered.open(session)).orElse(null);
    }

    boolean isOpen() {
        return session.isOpen();
    }

    @Override
    public void send(List<Frame> frames, Sent sent) throws IOException {
        writing = true;
        write(frames, error -> {
            // Before it is told, because whoever hears of it may close.
            writing = error != null;
            sent.sent(error);
        });
    }

    private void write(List<Frame> frames, Sent sent) throws IOException {
        if (writer != null) {
            writer.write(frames, sent);
        } else if (frames.size() == 1 && frames.get(0) != Frame.PING) {
            // One alone goes out by itself, and nothing blocks.
            session.getAsyncRemote()
                    .sendText(
                            frames.get(0).text(),
                            result -> sent.sent(result.isOK() ? null : error(result.getException())));
        } else {
            inTime(() -> sendAll(frames));
            sent.sent(null);
        }
    }

    private void sendAll(List<Frame> frames) throws IOException {
        RemoteEndpoint.Basic remote = session.getBasicRemote();
        remote.setBatchingAllowed(true);
        for (Frame frame : frames) {
            if (frame == Frame.PING) {
                remote.sendPing(ByteBuffer.allocate(0));
            } else {
                remote.sendText(frame.text());
            }
        }
        // Flushes.
        remote.setBatchingAllowed(false);
    }

    @Override
    public void close(OutboxEnd end) {
        upgrades.close(session, farewell.get(), writing ? STALLED_CLOSE_MILLIS : CLOSE_MILLIS);
        if (writer != null) {
            writer.abandon();
        }
    }

    /** To be called by {@link Upgrades}, which counts them. */
    static void close(Session session, CloseReason reason, long millis) {
        try {
            session.getUserProperties().put(BLOCKING_SEND_TIMEOUT, millis);
            session.close(reason);
        } catch (IOException | RuntimeException e) {
            // The peer is gone, or the container closes it at this moment.
            LOG.debug("A socket could not be closed in order", e);
        }
    }

    /** A close reason of any code, also of those that applications may choose. */
    static CloseReason reason(int code, String text) {
        return new CloseReason(CloseCodes.getCloseCode(code), text);
    }

    private interface Write {
        void run() throws IOException;
    }

    private static void inTime(Write write) throws IOException {
        try {
            write.run();
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            if (e.getCause() instanceof TimeoutException || e.getCause() instanceof SocketTimeoutException) {
                throw (IOException) new InterruptedIOException("the peer takes nothing").initCause(e);
            }
            throw e;
        }
    }

    static Throwable error(@Nullable Throwable error) {
        return error == null ? new IOException("not sent") : error;
    }
}
