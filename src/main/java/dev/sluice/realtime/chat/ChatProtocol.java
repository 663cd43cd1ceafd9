package dev.sluice.realtime.chat;

import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Ending;
import dev.sluice.realtime.Envelope;
import dev.sluice.realtime.Protocol;
import dev.sluice.realtime.TokenMessages;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that speaks Sluice's own protocol: who it is, and in which order its messages are taken up. Called by one
 * thread at a time.
 */
final class ChatProtocol implements Protocol {
    private static final Logger LOG = LoggerFactory.getLogger(ChatProtocol.class);

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
        this.rooms = new Rooms(chat, subscriber, connection, replies);
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
        } catch (IllegalArgumentException e) {
            replies.malformed(String.valueOf(e.getMessage()));
            return;
        }
        switch (message.type()) {
            case "auth" -> authenticate(message);
            case "refresh" -> refresh(message);
            case "ping" -> replies.send(message, "pong", Map.of());
            default -> takeUp(message);
        }
    }

    @Override
    public void refused(String message) {
        replies.refused();
    }

    @Override
    public void closed(Ending ending) {
        if (isIn) {
            chat.channels().disconnect(subscriber);
        }
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

    private void takeUp(Envelope message) {
        Supplier<CompletionStage<?>> command = command(message);
        if (!isIn) {
            replies.error(message, "unauthorized", "Send auth with a token first.");
        } else if (!turns.take(command)) {
            replies.tooMany(message);
        }
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
