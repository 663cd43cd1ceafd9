package dev.sluice.realtime.chat;

import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Ending;
import dev.sluice.realtime.Envelope;
import dev.sluice.realtime.Protocol;
import dev.sluice.realtime.TokenMessages;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that speaks Sluice's own protocol: who it is, and in which order its messages are taken up. Called by one
 * thread at a time.
 */
final class ChatProtocol implements Protocol {
    private static final Logger LOG = LoggerFactory.getLogger(ChatProtocol.class);
    /** How long what was said may hold up a leave; each of it has a shorter limit of its own. */
    private static final Duration LATEST = Duration.ofSeconds(30);

    private final Chat chat;
    private final Connection connection;
    private final TokenMessages tokens;
    private final Replies replies;
    private final ChatSubscriber subscriber;
    private final Executor workers;
    private final Turns turns;
    private final Rooms rooms;
    private final Subscriptions subscriptions;
    private boolean isIn;

    ChatProtocol(Chat chat, Connection connection, Executor workers) {
        this.chat = chat;
        this.connection = connection;
        this.tokens = new TokenMessages(connection);
        this.replies = new Replies(connection, chat::now);
        this.workers = workers;
        this.turns = new Turns(workers, this::failed);
        this.subscriber = new ChatSubscriber(connection, chat, this::joinAgain);
        this.rooms = new Rooms(chat, subscriber, connection, replies, workers);
        this.subscriptions = new Subscriptions(chat.channels(), subscriber, connection, replies);
    }

    @Override
    public void opened() {
        if (chat.guests() || connection.caller().signedIn()) {
            enter();
            connection.send(Envelope.frame("connected", connected(), chat.now()));
        }
    }

    @Override
    public void text(String text) {
        Envelope message;
        try {
            message = Envelope.read(text);
        } catch (Envelope.Malformed e) {
            replies.malformed(e);
            return;
        }
        switch (message.type()) {
            case "auth" -> authenticate(message);
            case "refresh" -> refresh(message);
            case "ping" -> replies.send(message, "pong", Map.of());
            default -> takeUp(message, text);
        }
    }

    @Override
    public void refused(String message) {
        try {
            replies.tooMany(Envelope.read(message));
        } catch (Envelope.Malformed e) {
            replies.tooMany(e.envelope());
        }
    }

    /** Who leaves in order has said something before that: it is done first. */
    @Override
    public void closed(Ending ending) {
        if (!isIn) {
            return;
        }
        if (ending != Ending.GONE || isQuiet()) {
            leave();
        } else {
            whenSaid().thenRunAsync(this::leave, workers);
        }
    }

    /** Completes when all that came is done, or after a long time. */
    private CompletionStage<?> whenSaid() {
        CompletableFuture<?> said = new CompletableFuture<>();
        turns.later(() -> rooms.said().thenRun(() -> said.complete(null)));
        return said.completeOnTimeout(null, LATEST.toSeconds(), TimeUnit.SECONDS);
    }

    private boolean isQuiet() {
        return turns.isFree() && rooms.said().toCompletableFuture().isDone();
    }

    private void leave() {
        chat.channels().disconnect(subscriber);
    }

    private void enter() {
        connection.established();
        isIn = true;
        chat.channels().connect(subscriber);
    }

    private Map<String, Object> connected() {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("userId", subscriber.user());
        payload.put("connectionId", connection.id());
        payload.put("nameLength", chat.limits().nameLength());
        payload.put("textLength", chat.limits().textLength());
        return payload;
    }

    private void takeUp(Envelope message, String text) {
        if (!isIn) {
            replies.error(message, "unauthorized", "Send auth with a token first.");
        } else if (!(turns.isFree() ? turns.take(command(message)) : takeLater(text))) {
            replies.tooMany(message);
        }
    }

    /** What waits is counted, and kept as it came: read it may be twenty times as large. */
    private boolean takeLater(String text) {
        if (!connection.hold(text)) {
            return false;
        }
        boolean isTaken = turns.take(() -> {
            connection.release(text);
            return command(Envelope.read(text)).get();
        });
        if (!isTaken) {
            connection.release(text);
        }
        return isTaken;
    }

    private Supplier<CompletionStage<?>> command(Envelope message) {
        return switch (message.type()) {
            case "chat:join" -> () -> whenRoom(() -> rooms.join(message));
            case "chat:message" -> () -> rooms.message(message);
            case "chat:leave" -> () -> rooms.leave(message);
            case "chat:typing" -> () -> rooms.typing(message);
            case "channel:subscribe" -> () -> whenRoom(() -> subscriptions.subscribe(message));
            case "channel:refresh" -> () -> subscriptions.refresh(message);
            case "channel:unsubscribe" -> () -> subscriptions.unsubscribe(message);
            case "channel:publish" -> () -> subscriptions.publish(message);
            case "channel:typing" -> () -> subscriptions.typing(message);
            case "history" -> () -> whenRoom(() -> subscriptions.history(message));
            case "presence:get" -> () -> subscriptions.presence(message);
            default -> () -> replies.error(message, "unknown_type", "There is no message of this type.");
        };
    }

    /** For what may have a large answer; all that comes after it waits as well. */
    private CompletionStage<?> whenRoom(Supplier<CompletionStage<?>> command) {
        return connection.whenRoom(command, workers);
    }

    /** As a connection ends whose message fails at once. */
    private void failed(Throwable error) {
        LOG.error("A message could not be taken up", error);
        connection.close(Ending.BROKEN);
    }

    /** The room is joined anew, and its client told so: what it has missed is in the history it gets, as far as it goes. */
    private void joinAgain(String channel) {
        turns.later(() -> whenRoom(() -> rooms.joinAgain(channel)));
    }

    private void authenticate(Envelope message) {
        if (tokens.authenticate(message)) {
            if (isIn) {
                chat.channels().refreshed(subscriber);
            } else {
                enter();
            }
            replies.send(message, "connected", connected());
        }
    }

    private void refresh(Envelope message) {
        if (tokens.refresh(message)) {
            chat.channels().refreshed(subscriber);
            replies.send(message, "refreshed", tokens.expiry());
        }
    }
}
