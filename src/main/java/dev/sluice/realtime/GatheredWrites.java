package dev.sluice.realtime;

import dev.sluice.flow.Frame;
import dev.sluice.flow.Wire.Sent;
import jakarta.websocket.Session;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes many frames to a socket in one piece, without blocking, though the container has no public way for it: that one
 * encodes every text anew for every client, and passes it on in pieces of the container's buffer of one kilobyte, the
 * last of them blocking.
 *
 * <p>Goes through Tomcat's own objects, and keeps to their rules: the semaphore of the endpoint is held from before the
 * write until its end, so that the container's control frames go out before or after and never within; {@code endMessage}
 * then sends those that wait, as after a message of the container's own. The write itself goes to the JDK's channel, and
 * what that does not take is the connection's: of a write by the endpoint another thread tells the end, for every message.
 * Only for sessions without extensions, which would change the frames, and only if nobody sends texts any other way at the
 * same time. Is not there ({@link #find}) where the container is made differently. Thread-safe; one for each node.
 */
final class GatheredWrites {
    /** Set to {@code false} this property of the JVM keeps all sockets on the container's public way. */
    static final String SWITCH = "sluice.gathered-writes";

    /** What writes in flight may hold as copies; beyond it a write is of many small buffers, slower but of no memory. */
    private static final long MOST_COPIED = 32 << 20;

    /** How long the container's own frames may be on their way before a write begins. */
    private static final long TURN_MILLIS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(GatheredWrites.class);

    private final AtomicLong copied = new AtomicLong();

    private GatheredWrites() {}

    /** Empty where the container is made differently, or when it is switched off. */
    static Optional<GatheredWrites> find() {
        if (!Boolean.parseBoolean(System.getProperty(SWITCH, "true"))) {
            return Optional.empty();
        }
        try {
            MethodHandles.lookup().ensureInitialized(TomcatSockets.class);
            return Optional.of(new GatheredWrites());
        } catch (IllegalAccessException | LinkageError e) {
            LOG.info("This container takes bursts to its sockets in small pieces only ({})", e.toString());
            return Optional.empty();
        }
    }

    /** A way to this session; empty where frames cannot be written so. */
    Optional<Writer> open(Session session) {
        return TomcatSockets.endpoint(session.getAsyncRemote())
                .filter(endpoint -> session.getNegotiatedExtensions().isEmpty())
                .map(this::writer);
    }

    /** Tells whether the container has closed what is below this open session, its file included. */
    Optional<BooleanSupplier> letsGo(Session session) {
        return TomcatSockets.endpoint(session.getAsyncRemote())
                .map(TomcatSockets::connection)
                .map(connection -> () -> TomcatSockets.isGone(connection));
    }

    private Writer writer(Object endpoint) {
        Object connection = TomcatSockets.connection(endpoint);
        return new Writer(
                endpoint, connection, TomcatSockets.channel(connection).orElse(null));
    }

    /** The way to one session: one write at a time. */
    final class Writer {
        private final Object endpoint;
        private final Semaphore turn;
        private final @Nullable Object connection;
        private final @Nullable SocketChannel channel;
        private volatile @Nullable Completion inFlight;
        /** Whether there was a write already. */
        private boolean isBegun;

        /** @param channel what the connection writes to as it is, where it does */
        Writer(Object endpoint, @Nullable Object connection, @Nullable SocketChannel channel) {
            this.endpoint = endpoint;
            this.turn = TomcatSockets.turn(endpoint);
            this.connection = connection;
            this.channel = channel;
        }

        /** As {@link dev.sluice.flow.Wire#send}. Blocks only while the container writes a control frame. */
        void write(List<Frame> frames, Sent sent) throws IOException {
            Completion completion = new Completion(this, sent);
            begin();
            inFlight = completion;
            try {
                write(completion.reserve(frames) ? joined(frames, completion.bytes) : single(frames), completion);
            } catch (Throwable e) {
                // Whatever it is, such as a want of memory: the semaphore and what was reserved are given back.
                completion.complete(e);
                if (e instanceof Error error) {
                    throw error;
                }
            }
        }

        private void begin() throws IOException {
            try {
                if (!turn.tryAcquire() && !turn.tryAcquire(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new InterruptedIOException("the peer takes nothing");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("the server stops", e);
            }
            if (TomcatSockets.isClosed(endpoint)) {
                TomcatSockets.endMessage(endpoint);
                throw new IOException("the socket is closed");
            }
        }

        private void write(ByteBuffer[] buffers, Completion completion) throws IOException {
            if (isWrittenAtOnce(buffers)) {
                completion.complete(null);
            } else {
                TomcatSockets.write(Objects.requireNonNull(connection), completion, buffers);
            }
        }

        /**
         * Nearly always the kernel takes all of it, and there is nothing for the container to keep. The first write is the
         * container's: what is left of its handshake goes before it.
         */
        private boolean isWrittenAtOnce(ByteBuffer[] buffers) throws IOException {
            if (channel == null || connection == null || !isBegun || buffers.length != 1) {
                isBegun = true;
                return false;
            }
            Semaphore pending = TomcatSockets.writePending(connection);
            if (!pending.tryAcquire()) {
                return false;
            }
            try {
                channel.write(buffers[0]);
            } finally {
                pending.release();
            }
            return !buffers[0].hasRemaining();
        }

        /** Ends the write in flight, once the session is closed: of that the container tells nobody who waits for a write. */
        void abandon() {
            Completion completion = inFlight;
            if (completion != null) {
                completion.complete(new EOFException("the socket is closed"));
            }
        }
    }

    /** Bytes of the copies that are in flight, for tests of what is left behind. */
    long copiedBytes() {
        return copied.get();
    }

    private static ByteBuffer[] joined(List<Frame> frames, int bytes) {
        ByteBuffer whole = ByteBuffer.allocate(bytes);
        int at = 0;
        for (Frame frame : frames) {
            ByteBuffer wire = frame.wire();
            whole.put(at, wire, 0, wire.capacity());
            at += wire.capacity();
        }
        return new ByteBuffer[] {whole};
    }

    private static ByteBuffer[] single(List<Frame> frames) {
        ByteBuffer[] buffers = new ByteBuffer[frames.size()];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = frames.get(i).wire().duplicate();
        }
        return buffers;
    }

    /** Told once, though the container may tell of an end and of a close that came at the same moment. */
    private final class Completion implements CompletionHandler<Long, @Nullable Object> {
        private final AtomicBoolean done = new AtomicBoolean();
        private final Writer writer;
        private final Sent sent;
        /** Of the copy; 0 = none is made. */
        private int bytes;

        Completion(Writer writer, Sent sent) {
            this.writer = writer;
            this.sent = sent;
        }

        /** Answers whether a copy is to be made. */
        boolean reserve(List<Frame> frames) {
            if (frames.size() == 1) {
                return false;
            }
            int wanted =
                    frames.stream().mapToInt(frame -> frame.wire().capacity()).sum();
            if (copied.addAndGet(wanted) > MOST_COPIED) {
                copied.addAndGet(-wanted);
                return false;
            }
            bytes = wanted;
            return true;
        }

        @Override
        public void completed(Long written, @Nullable Object nothing) {
            complete(null);
        }

        @Override
        public void failed(Throwable error, @Nullable Object nothing) {
            complete(error);
        }

        void complete(@Nullable Throwable error) {
            if (!done.compareAndSet(false, true)) {
                return;
            }
            writer.inFlight = null;
            copied.addAndGet(-bytes);
            try {
                TomcatSockets.endMessage(writer.endpoint);
            } catch (RuntimeException e) {
                // A control frame that waited cannot be written any more: the container has closed meanwhile.
                LOG.debug("What the container had to say could not be sent", e);
            } finally {
                sent.sent(error);
            }
        }
    }
}
