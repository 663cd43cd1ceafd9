package dev.sluice.realtime;

import dev.sluice.flow.Frame;
import dev.sluice.flow.Wire.Sent;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
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
 * then sends those that wait, as after a message of the container's own. Only for sessions without extensions, which would
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

    private static final Logger LOG = LoggerFactory.getLogger(GatheredWrites.class);

    private final Class<?> remote;
    private final MethodHandle endpoint;
    private final MethodHandle turn;
    private final MethodHandle closed;
    private final MethodHandle write;
    private final MethodHandle end;
    private final AtomicLong copied = new AtomicLong();

    private GatheredWrites(ClassLoader loader) throws ReflectiveOperationException {
        String container = "org.apache.tomcat.websocket.";
        remote = Class.forName(container + "WsRemoteEndpointBase", false, loader);
        Class<?> type = Class.forName(container + "WsRemoteEndpointImplBase", false, loader);
        MethodHandles.Lookup ofRemote = MethodHandles.privateLookupIn(remote, MethodHandles.lookup());
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        endpoint = generic(ofRemote.findGetter(remote, "base", type));
        turn = generic(lookup.findGetter(type, "messagePartInProgress", Semaphore.class));
        closed = generic(lookup.findGetter(type, "closed", boolean.class));
        write = generic(write(lookup, type));
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

    /** Writes without blocking and without a time limit; the signature changed between 11.0.25 and 11.0.27. */
    private static MethodHandle write(MethodHandles.Lookup lookup, Class<?> type) throws ReflectiveOperationException {
        try {
            MethodHandle newer = lookup.findVirtual(
                    type,
                    "doWrite",
                    MethodType.methodType(
                            void.class, SendHandler.class, boolean.class, long.class, ByteBuffer[].class));
            return MethodHandles.insertArguments(newer.asFixedArity(), 2, false, Long.MAX_VALUE);
        } catch (NoSuchMethodException e) {
            MethodHandle older = lookup.findVirtual(
                    type,
                    "doWrite",
                    MethodType.methodType(void.class, SendHandler.class, long.class, ByteBuffer[].class));
            return MethodHandles.insertArguments(older.asFixedArity(), 2, -1L);
        }
    }

    private static MethodHandle generic(MethodHandle handle) {
        return handle.asType(handle.type().changeParameterType(0, Object.class));
    }

    /** What {@link #write} takes for this session; empty where frames cannot be written so. */
    Optional<Object> endpoint(Session session) {
        Object async = session.getAsyncRemote();
        if (!remote.isInstance(async) || !session.getNegotiatedExtensions().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(call(() -> (Object) endpoint.invoke(async)));
    }

    /** As {@link dev.sluice.flow.Wire#send}. Blocks only while the container writes a control frame. */
    void write(Object endpoint, List<Frame> frames, Sent sent) throws IOException {
        Completion completion = new Completion(endpoint, sent);
        begin(endpoint);
        try {
            ByteBuffer[] buffers = completion.reserve(frames) ? joined(frames, completion.bytes) : single(frames);
            call(() -> {
                write.invoke(endpoint, (SendHandler) completion, buffers);
                return true;
            });
        } catch (Throwable e) {
            // Whatever it is, such as a want of memory: the semaphore and what was reserved are given back.
            completion.complete(e);
            if (e instanceof Error error) {
                throw error;
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
    private final class Completion implements SendHandler {
        private final AtomicBoolean done = new AtomicBoolean();
        private final Object endpoint;
        private final Sent sent;
        /** Of the copy; 0 = none is made. */
        private int bytes;

        Completion(Object endpoint, Sent sent) {
            this.endpoint = endpoint;
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
        public void onResult(SendResult result) {
            complete(result.isOK() ? null : SocketWire.error(result.getException()));
        }

        void complete(@Nullable Throwable error) {
            if (!done.compareAndSet(false, true)) {
                return;
            }
            copied.addAndGet(-bytes);
            try {
                end(endpoint);
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
