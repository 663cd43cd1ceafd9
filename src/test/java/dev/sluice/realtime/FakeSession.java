package dev.sluice.realtime;

import jakarta.websocket.CloseReason;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.security.Principal;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A session of no container: keeps what is sent and how it is closed. Thread-safe. */
final class FakeSession {
    final Queue<String> sent = new ConcurrentLinkedQueue<>();
    final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    final Map<String, Object> properties = new ConcurrentHashMap<>();
    volatile boolean open = true;
    /** Whether a text by itself waits for {@link #complete}. */
    volatile boolean late;

    private final Principal principal;
    private final Queue<SendHandler> inFlight = new ConcurrentLinkedQueue<>();

    FakeSession(Principal principal) {
        this.principal = principal;
    }

    Session session() {
        return proxy(Session.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "getUserPrincipal" -> principal;
            case "getUserProperties" -> properties;
            case "getAsyncRemote" -> remote();
            case "getBasicRemote" -> basicRemote();
            case "isOpen" -> open;
            case "close" -> close((CloseReason) arguments[0]);
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    /** Whether a write waits for {@link #complete}. */
    boolean isWriting() {
        return !inFlight.isEmpty();
    }

    /** Completes the writes that are in flight. */
    void complete() {
        for (SendHandler handler = inFlight.poll(); handler != null; handler = inFlight.poll()) {
            handler.onResult(new SendResult(session()));
        }
    }

    private @Nullable Object close(CloseReason reason) {
        open = false;
        closed.complete(reason);
        return null;
    }

    private RemoteEndpoint.Async remote() {
        return proxy(RemoteEndpoint.Async.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "sendText" -> send((String) arguments[0], (SendHandler) arguments[1]);
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private RemoteEndpoint.Basic basicRemote() {
        return proxy(RemoteEndpoint.Basic.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "sendText" -> keep((String) arguments[0]);
            case "sendPing" -> keep("PING");
            case "setBatchingAllowed" -> null;
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private @Nullable Object keep(String what) {
        sent.add(what);
        return null;
    }

    private @Nullable Object send(String text, SendHandler handler) {
        inFlight.add(handler);
        sent.add(text);
        if (!late) {
            complete();
        }
        return null;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
