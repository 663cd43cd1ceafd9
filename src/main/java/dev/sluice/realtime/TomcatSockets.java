package dev.sluice.realtime;

import static java.lang.invoke.MethodType.methodType;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Tomcat's own objects below a WebSocket session, as far as {@link GatheredWrites} needs them: the endpoint, which keeps
 * messages and control frames apart, and the connection below it. Names no type of the container: where one of the members
 * is missing, the class cannot be initialised, and that is an error of linkage.
 *
 * <p>The handles are constants because only then calls through them are as quick as others. Stateless.
 */
final class TomcatSockets {
    private static final String SOCKETS = "org.apache.tomcat.websocket.";
    private static final String NET = "org.apache.tomcat.util.net.";

    /** Milliseconds; otherwise the limit of the last control frame would hold. */
    private static final long WITHOUT_LIMIT = Long.MAX_VALUE;

    private static final Class<?> REMOTE = type(SOCKETS + "WsRemoteEndpointBase");
    private static final Class<?> ENDPOINT = type(SOCKETS + "WsRemoteEndpointImplBase");
    private static final Class<?> SERVER_ENDPOINT = type(SOCKETS + "server.WsRemoteEndpointImplServer");
    private static final Class<?> CONNECTION = type(NET + "SocketWrapperBase");
    private static final Class<?> PLAIN_CHANNEL = type(NET + "NioChannel");

    private static final MethodHandle BASE = getter(REMOTE, "base", ENDPOINT);
    private static final MethodHandle WRAPPER = getter(SERVER_ENDPOINT, "socketWrapper", CONNECTION);
    private static final MethodHandle TURN = getter(ENDPOINT, "messagePartInProgress", Semaphore.class);
    private static final MethodHandle CLOSED = getter(ENDPOINT, "closed", boolean.class);
    private static final MethodHandle END_MESSAGE =
            method(ENDPOINT, "endMessage", methodType(void.class, SendHandler.class, SendResult.class));
    private static final MethodHandle WRITE_PENDING = getter(CONNECTION, "writePending", Semaphore.class);
    private static final MethodHandle HAS_VECTORS = method(CONNECTION, "hasAsyncIO", methodType(boolean.class));
    private static final MethodHandle GONE = method(CONNECTION, "isClosed", methodType(boolean.class));
    private static final MethodHandle CHANNEL = method(CONNECTION, "getSocket", methodType(Object.class));
    private static final MethodHandle JDK_CHANNEL =
            method(PLAIN_CHANNEL, "getIOChannel", methodType(SocketChannel.class));
    private static final MethodHandle WRITE = write();

    private TomcatSockets() {}

    /** What is below the remote end of a session; empty where it cannot be written to. */
    static Optional<Object> endpoint(RemoteEndpoint remote) {
        if (!REMOTE.isInstance(remote)) {
            return Optional.empty();
        }
        Object endpoint = call(() -> BASE.invoke((Object) remote));
        return SERVER_ENDPOINT.isInstance(endpoint) && call(() -> (boolean) HAS_VECTORS.invoke(connection(endpoint)))
                ? Optional.of(endpoint)
                : Optional.empty();
    }

    static Object connection(Object endpoint) {
        return call(() -> WRAPPER.invoke(endpoint));
    }

    /** The JDK's channel, which is written to without blocking; empty where what is written has to be encrypted first. */
    static Optional<SocketChannel> channel(Object connection) {
        Object channel = call(() -> CHANNEL.invoke(connection));
        return channel.getClass() == PLAIN_CHANNEL
                ? Optional.ofNullable(call(() -> (SocketChannel) JDK_CHANNEL.invoke(channel)))
                : Optional.empty();
    }

    /** Held while a write is under way, even if who began it has given it up, and the turn back. */
    static Semaphore writePending(Object connection) {
        return call(() -> (Semaphore) WRITE_PENDING.invoke(connection));
    }

    /** Held by whoever writes a message, or a control frame. */
    static Semaphore turn(Object endpoint) {
        return call(() -> (Semaphore) TURN.invoke(endpoint));
    }

    /** Whether a close frame has been sent. */
    static boolean isClosed(Object endpoint) {
        return call(() -> (boolean) CLOSED.invoke(endpoint));
    }

    /** Whether the connection is closed, or is being closed at this moment. */
    static boolean isGone(Object connection) {
        return call(() -> (boolean) GONE.invoke(connection));
    }

    /** Gives the turn back; control frames that have waited for it go out. */
    static void endMessage(Object endpoint) {
        call(() -> {
            END_MESSAGE.invoke(endpoint, (SendHandler) null, (SendResult) null);
            return true;
        });
    }

    /** Writes all of it without blocking and tells of the end, within this call or later. Fails while a write is pending. */
    static void write(Object connection, CompletionHandler<Long, ?> end, ByteBuffer... buffers) {
        call(() -> WRITE.invoke(connection, end, buffers));
    }

    private static MethodHandle write() {
        Class<?> mode = type(CONNECTION.getName() + "$BlockingMode");
        Class<?> check = type(CONNECTION.getName() + "$CompletionCheck");
        MethodHandle write = method(
                CONNECTION,
                "write",
                methodType(
                        type(CONNECTION.getName() + "$CompletionState"),
                        mode,
                        long.class,
                        TimeUnit.class,
                        Object.class,
                        check,
                        CompletionHandler.class,
                        ByteBuffer[].class));
        return MethodHandles.insertArguments(
                write.asFixedArity(),
                1,
                constant(mode, "CLASSIC"),
                WITHOUT_LIMIT,
                TimeUnit.MILLISECONDS,
                null,
                constant(CONNECTION, "COMPLETE_WRITE_WITH_COMPLETION"));
    }

    private static Class<?> type(String name) {
        return found(() -> Class.forName(name, true, TomcatSockets.class.getClassLoader()));
    }

    private static MethodHandle getter(Class<?> owner, String name, Class<?> type) {
        return found(() -> generic(inside(owner).findGetter(owner, name, type)));
    }

    private static MethodHandle method(Class<?> owner, String name, MethodType type) {
        return found(() -> generic(inside(owner).findVirtual(owner, name, type)));
    }

    private static Object constant(Class<?> owner, String name) {
        return found(() -> owner.getField(name).get(null));
    }

    private static MethodHandles.Lookup inside(Class<?> type) throws IllegalAccessException {
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    }

    private static MethodHandle generic(MethodHandle handle) {
        return handle.asType(handle.type().changeParameterType(0, Object.class));
    }

    @FunctionalInterface
    private interface Lookup<T> {
        T find() throws ReflectiveOperationException;
    }

    private static <T> T found(Lookup<T> lookup) {
        try {
            return lookup.find();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this container is made differently", e);
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
