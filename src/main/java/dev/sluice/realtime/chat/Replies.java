package dev.sluice.realtime.chat;

import dev.sluice.channel.ChannelException;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Envelope;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/** What a connection is answered. Thread-safe. */
final class Replies {
    /** What is over: the next message may be taken up. */
    static final CompletionStage<?> DONE = CompletableFuture.completedFuture(null);

    /** In all, or of one connection. */
    private static final Set<Reason> TOO_MANY = Set.of(Reason.TOO_MANY_CHANNELS, Reason.LIMIT_EXCEEDED);

    private final Connection connection;

    private final LongSupplier now;

    Replies(Connection connection, LongSupplier now) {
        this.connection = connection;
        this.now = now;
    }

    void send(Envelope message, String type, Object payload) {
        connection.send(message.reply(type, payload, now.getAsLong()));
    }

    /** Says what nobody has asked for. */
    void tell(String type, Object payload) {
        connection.send(Envelope.frame(type, payload, now.getAsLong()));
    }

    /** Says that something was done, to those who want to know. */
    void acknowledge(Envelope message, Map<String, Object> payload) {
        if (message.id() != null) {
            send(message, "ok", payload);
        }
    }

    CompletionStage<?> error(Envelope message, String code, String text) {
        return error(message, payload(code, text));
    }

    CompletionStage<?> error(Envelope message, Map<String, Object> payload) {
        send(message, errorType(message), payload);
        connection.strike();
        return DONE;
    }

    /** Answers a message for which too many wait; that the answers take so long is not the client's fault. */
    void tooMany(Envelope message) {
        send(message, errorType(message), tooMany());
    }

    private static String errorType(Envelope message) {
        return message.type().startsWith("chat:") ? "chat:error" : "error";
    }

    /** Answers what channels refuse. */
    void error(Envelope message, Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        if (!(cause instanceof ChannelException refused)) {
            throw new IllegalStateException("channels fail in one way only", cause);
        }
        boolean isChat = message.type().startsWith("chat:");
        send(message, errorType(message), payload(refused, isChat));
        if (refused.reason().isOffence()) {
            connection.strike();
        }
    }

    /** Answers what cannot be read. */
    void malformed(Envelope.Malformed error) {
        error(error.envelope(), "bad_request", "Expected {\"type\", \"payload\"}: " + error.getMessage());
    }

    static Map<String, Object> tooMany() {
        return payload("too_many_requests", "Too many messages; wait a little.");
    }

    private static Map<String, Object> payload(ChannelException refused, boolean isChat) {
        if (isChat && refused.reason() == Reason.FULL) {
            return payload("room_full", "Room is full");
        } else if (isChat && TOO_MANY.contains(refused.reason())) {
            return payload("too_many_rooms", "Too many rooms");
        }
        return payload(refused.reason().name().toLowerCase(Locale.ROOT), String.valueOf(refused.getMessage()));
    }

    private static Map<String, Object> payload(String code, String text) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("code", code);
        payload.put("message", text);
        return payload;
    }
}
