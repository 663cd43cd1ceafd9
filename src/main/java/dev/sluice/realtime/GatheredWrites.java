package dev.sluice.realtime;

import dev.sluice.flow.Frame;
import dev.sluice.flow.Wire.Sent;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
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
 * then sends those that wait, as after a message of the container's own. The write itself is one of the connection: that of
 * the endpoint has another thread tell of its end, for every message. Only for sessions without extensions, which would
 * change the frames, and only if nobody sends texts any other way at the same time.
 *
 * <p>Names no type of the container, and is not there ({@link #find}) where one of the members is missing. Thread-safe;
 * one for each node.
 */
final class GatheredWrites {
    /** Set to {@code false} this property of the JVM keeps all sockets on the container's public way. */
    static final String SWITCH = "sluice.gathered-writes";

    /** What writes in flight may hold as copies; beyond it a write is of many small buffers, slower but of no memory. */
    private static final long MOST_COPIED = 32 << 20;

    /** How long the container's own frames may be on their way before a write begins. */
    private static final long TURN_MILLIS = 1000;

    /** The connection's own, which has none. */
    private static final long WITHOUT_LIMIT = -1;

    private static final Logger LOG = LoggerFactory.getLogger(GatheredWrites.class);

    private final Class<?> remote;
    private final Class<?> server;
    private final MethodHandle base;
    private final MethodHandle connection;
    private final MethodHandle hasVectors;
    private final MethodHandle turn;
    private final MethodHandle closed;
    private final MethodHandle write;
    private final MethodHandle end;
    private final AtomicLong copied = new AtomicLong();

    private GatheredWrites(ClassLoader loader) throws ReflectiveOperationException {
        String sockets = "org.apache.tomcat.websocket.";
        String wrapper = "org.apache.tomcat.util.net.SocketWrapperBase";
        remote = Class.forName(sockets + "WsRemoteEndpointBase", false, loader);
        server = Class.forName(sockets + "server.WsRemoteEndpointImplServer", false, loader);
        Class<?> type = Class.forName(sockets + "WsRemoteEndpointImplBase", false, loader);
        Class<?> socket = Class.forName(wrapper, true, loader);
        Class<?> mode = Class.forName(wrapper + "$BlockingMode", true, loader);
        Class<?> check = Class.forName(wrapper + "$CompletionCheck", true, loader);
        Class<?> state = Class.forName(wrapper + "$CompletionState", true, loader);
        MethodHandles.Lookup all = MethodHandles.lookup();
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, all);
        base = generic(MethodHandles.privateLookupIn(remote, all).findGetter(remote, "base", type));
        connection = generic(MethodHandles.privateLookupIn(server, all).findGetter(server, "socketWrapper", socket));
        hasVectors = generic(all.findVirtual(socket, "hasAsyncIO", MethodType.methodType(boolean.class)));
        turn = generic(lookup.findGetter(type, "messagePartInProgress", Semaphore.class));
        closed = generic(lookup.findGetter(type, "closed", boolean.class));
        MethodHandle vectors = all.findVirtual(
                        socket,
                        "write",
                        MethodType.methodType(
                                state,
                                mode,
                                long.class,
                                TimeUnit.class,
                                Object.class,
                                check,
                                CompletionHandler.class,
                                ByteBuffer[].class))
                .asFixedArity();
        write = generic(MethodHandles.insertArguments(
                vectors,
                1,
                mode.getField("SEMI_BLOCK").get(null),
                WITHOUT_LIMIT,
                TimeUnit.MILLISECONDS,
                null,
                socket.getField("COMPLETE_WRITE_WITH_COMPLETION").get(null)));
        end = generic(lookup.findVirtual(
                type, "endMessage", MethodType.methodType(void.class, SendHandler.class, SendResult.class)));
    }

    /** Empty where the container is made differently, or when it is switched off. */
    static Optional<GatheredWrites> find() {
        return Boolean.parseBoolean(System.getProperty(SWITCH, "true"))
                ? find(GatheredWrites.class.getClassLoader())
                : Optional.empty();
    }

    static Optional<GatheredWrites> find(ClassLoader loader) {
        try {
            return Optional.of(new GatheredWrites(loader));
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            LOG.info("This container takes bursts to its sockets in small pieces only ({})", e.toString());
            return Optional.empty();
        }
    }

    private static MethodHandle generic(MethodHandle handle) {
        return handle.asType(handle.type().changeParameterType(0, Object.class));
    }

    /** A way to this session; empty where frames cannot be written so. */
    Optional<Writer> open(Session session) {
        Object async = session.getAsyncRemote();
        if (!remote.isInstance(async) || !session.getNegotiatedExtensions().isEmpty()) {
            return Optional.empty();
        }
        Object endpoint = call(() -> (Object) base.invoke(async));
        if (!server.isInstance(endpoint)) {
            return Optional.empty();
        }
        Object socket = call(() -> (Object) connection.invoke(endpoint));
        return call(() -> (boolean) hasVectors.invoke(socket))
                ? Optional.of(new Writer(endpoint, socket))
                : Optional.empty();
    }

    /** The way to one session: one write at a time. */
    final class Writer {
        private final Object endpoint;
        private final @Nullable Object socket;
        private volatile @Nullable Completion inFlight;

        Writer(Object endpoint, @Nullable Object socket) {
            this.endpoint = endpoint;
            this.socket = socket;
        }

        /** As {@link dev.sluice.flow.Wire#send}. Blocks only while the container writes a control frame. */
        void write(List<Frame> frames, Sent sent) throws IOException {
            Completion completion = new Completion(this, sent);
            begin(endpoint);
            inFlight = completion;
            try {
                ByteBuffer[] buffers = completion.reserve(frames) ? joined(frames, completion.bytes) : single(frames);
                call(() -> write.invoke(socket, (CompletionHandler<Long, Object>) completion, buffers));
            } catch (Throwable e) {
                // Whatever it is, such as a want of memory: the semaphore and what was reserved are given back.
                completion.complete(e);
                if (e instanceof Error error) {
                    throw error;
                }
            }
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

    private void begin(Object endpoint) throws IOException {
        Semaphore semaphore = call(() -> (Semaphore) turn.invoke(endpoint));
        try {
            if (!semaphore.tryAcquire(TURN_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new InterruptedIOException("the peer takes nothing");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server stops", e);
        }
        if (call(() -> (boolean) closed.invoke(endpoint))) {
            end(endpoint);
            throw new IOException("the socket is closed");
        }
    }

    private void end(Object endpoint) {
        call(() -> {
            end.invoke(endpoint, (SendHandler) null, (SendResult) null);
            return true;
        });
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
        return frames.stream().map(frame -> frame.wire().duplicate()).toArray(ByteBuffer[]::new);
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
                end(writer.endpoint);
            } catch (RuntimeException e) {
                // A control frame that waited cannot be written any more: the container has closed meanwhile.
                LOG.debug("What the container had to say could not be sent", e);
            } finally {
                sent.sent(error);
            }
        }
    }

    @FunctionalInterface
    private interface Call<T> {
        T run() throws Throwable;
    }

    /** Nothing that is called here throws checked exceptions. */
    private static <T> T call(Call<T> call) {
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
