package dev.sluice.realtime.chat;

import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Channels;
import dev.sluice.channel.PublishRequest;
import dev.sluice.channel.Reply;
import dev.sluice.channel.SubscribeRequest;
import dev.sluice.channel.Subscribed;
import dev.sluice.http.Json;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Envelope;
import dev.sluice.realtime.Texts;
import dev.sluice.settings.ChatSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** The chat of one connection. Called by one thread at a time; each call gives what completes when it is over. */
final class Rooms {
    /** Messages that who joins is told. */
    private static final int RECENT = 50;

    /** Publications among which these are looked for: some were deleted, some tell just that. */
    private static final int RECENT_READ = Channels.PAGE_MOST;

    /** Members that who joins is told. */
    static final int MEMBERS = 100;

    private static final String DEFAULT = "general";

    private final Channels channels;
    private final ChatSettings limits;
    private final Events events;
    private final ChatSubscriber subscriber;
    private final Connection connection;
    private final Replies replies;
    private final Executor workers;
    /** Completes when all that was said until now is told, or refused. */
    private volatile CompletableFuture<?> said = CompletableFuture.completedFuture(null);

    /** @param workers do what had to wait: who ends the waiting must not */
    Rooms(Chat chat, ChatSubscriber subscriber, Connection connection, Replies replies, Executor workers) {
        this.channels = chat.channels();
        this.limits = chat.limits();
        this.events = chat.events();
        this.subscriber = subscriber;
        this.connection = connection;
        this.replies = replies;
        this.workers = workers;
    }

    CompletionStage<?> join(Envelope message) {
        if (message.hasOther("room") || message.hasOther("name")) {
            return notText(message);
        }
        String name = message.text("name").orElse("").strip();
        String room = message.text("room").orElse(DEFAULT);
        if (Texts.isLonger(name, limits.nameLength()) || Texts.isLonger(room, limits.nameLength())) {
            return replies.error(message, "too_long", "A name has at most " + limits.nameLength() + " characters.");
        }
        if (!Texts.isPlain(name)) {
            return replies.error(message, "bad_request", "A name has no control characters.");
        }
        if (!name.isEmpty()) {
            subscriber.choose(name);
        }
        String channel = Events.channel(room);
        return new Entering(
                        message,
                        subscriber,
                        replies,
                        channel,
                        ChatSubscriber.View.ROOM,
                        "chat:joined",
                        joined -> joined(room, joined))
                .ask(channels, request(channel));
    }

    /** Joins once more a room that the server has put the connection out of; unless it has left meanwhile. */
    CompletionStage<?> joinAgain(String channel) {
        if (!subscriber.sees(channel, ChatSubscriber.View.ROOM)) {
            return Replies.DONE;
        }
        CompletableFuture<?> over = new CompletableFuture<>();
        channels.subscribe(subscriber, request(channel), new Reply<>() {
            @Override
            public void ok(Subscribed joined) {
                replies.tell("chat:joined", joined(Events.room(channel), joined));
                over.complete(null);
            }

            @Override
            public void failed(ChannelException error) {
                subscriber.forget(channel, ChatSubscriber.View.ROOM);
                connection.send(events.lost(Events.room(channel)));
                over.complete(null);
            }
        });
        return over;
    }

    private static SubscribeRequest request(String channel) {
        return SubscribeRequest.to(channel)
                .withRecent(RECENT_READ)
                .withMembers(MEMBERS)
                .allowingAgain();
    }

    private Map<String, Object> joined(String room, Subscribed joined) {
        // A node that has read them before may not know yet that they were taken back; that is told behind them.
        Set<Long> takenBack = Events.takenBack(joined.publications());
        List<Publication> texts = joined.publications().stream()
                .filter(Events::isThere)
                .filter(one -> !takenBack.contains(one.position().offset()))
                .toList();
        List<Publication> recent =
                texts.stream().skip(Math.max(0, texts.size() - RECENT)).toList();
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("userId", joined.member().user());
        payload.put("room", room);
        payload.put("name", joined.member().name());
        payload.put("memberCount", joined.presence().count().users());
        payload.put("members", Events.members(joined.presence().users()));
        payload.put("history", events.texts(room, recent));
        payload.put("epoch", joined.position().epoch());
        payload.put("offset", joined.position().offset());
        return payload;
    }

    CompletionStage<?> message(Envelope message) {
        Optional<String> channel = channel(message);
        String text = message.text("text").orElse("");
        if (message.hasOther("room")) {
            return notText(message);
        } else if (channel.isEmpty()) {
            return notJoined(message);
        } else if (text.isBlank()) {
            return replies.error(message, "bad_request", "A text is needed.");
        } else if (Texts.isLonger(text, limits.textLength())) {
            return replies.error(message, "too_long", "A text has at most " + limits.textLength() + " characters.");
        } else if (!connection.takePublication()) {
            return replies.error(message, Replies.tooMany());
        }
        CompletionStage<Position> published =
                channels.publish(subscriber, new PublishRequest(channel.get(), Json.text(Map.of("text", text))));
        CompletionStage<?> answered = published.handle((position, error) -> {
            if (error == null) {
                replies.acknowledge(message, Subscriptions.place(position));
            } else {
                replies.error(message, error);
            }
            return position;
        });
        said = CompletableFuture.allOf(said, answered.toCompletableFuture());
        return Replies.DONE;
    }

    /** Completes when all that was said is told, or refused. */
    CompletionStage<?> said() {
        return said;
    }

    /** Who leaves has said before what was said before. */
    CompletionStage<?> leave(Envelope message) {
        if (message.hasOther("room")) {
            return notText(message);
        }
        return said.isDone() ? leaveNow(message) : said.thenComposeAsync(done -> leaveNow(message), workers);
    }

    private CompletionStage<?> leaveNow(Envelope message) {
        channel(message).ifPresent(channel -> {
            if (subscriber.forget(channel, ChatSubscriber.View.ROOM)) {
                channels.unsubscribe(subscriber, channel);
            }
        });
        replies.acknowledge(message, Map.of());
        return Replies.DONE;
    }

    CompletionStage<?> typing(Envelope message) {
        Optional<String> channel = channel(message);
        if (message.hasOther("room")) {
            return notText(message);
        } else if (channel.isEmpty()) {
            return notJoined(message);
        } else if (!connection.takePublication()) {
            return replies.error(message, Replies.tooMany());
        }
        boolean typing = message.payload().path("typing").asBoolean(true);
        CompletionStage<Void> told = channels.typing(subscriber, channel.get(), typing);
        told.whenComplete((ok, error) -> {
            if (error == null) {
                replies.acknowledge(message, Map.of());
            } else {
                replies.error(message, error);
            }
        });
        return Replies.DONE;
    }

    private CompletionStage<?> notText(Envelope message) {
        return replies.error(message, "bad_request", "The name of a room, and of who speaks in it, is a text.");
    }

    private CompletionStage<?> notJoined(Envelope message) {
        return replies.error(message, "not_joined", "Join a room first");
    }

    /** The channel of the room that is meant, if it was joined. */
    private Optional<String> channel(Envelope message) {
        Optional<String> room = message.text("room");
        return room.isEmpty()
                ? subscriber.room()
                : room.map(Events::channel).filter(one -> subscriber.sees(one, ChatSubscriber.View.ROOM));
    }
}
