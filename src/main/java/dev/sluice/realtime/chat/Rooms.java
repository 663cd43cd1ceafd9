package dev.sluice.realtime.chat;

import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Channels;
import dev.sluice.channel.PublishRequest;
import dev.sluice.channel.Reply;
import dev.sluice.channel.SubscribeRequest;
import dev.sluice.channel.Subscribed;
import dev.sluice.http.Json;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Envelope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The chat of one connection. Called by one thread at a time; each call gives what completes when it is over. */
final class Rooms {
    /** Messages that who joins is told. */
    private static final int RECENT = 50;

    /** Members that who joins is told. */
    static final int MEMBERS = 100;

    private static final String DEFAULT = "general";

    private final Channels channels;
    private final ChatSubscriber subscriber;
    private final Connection connection;
    private final Replies replies;

    Rooms(Channels channels, ChatSubscriber subscriber, Connection connection, Replies replies) {
        this.channels = channels;
        this.subscriber = subscriber;
        this.connection = connection;
        this.replies = replies;
    }

    CompletionStage<?> join(Envelope message) {
        String name = message.text("name").orElse("").strip();
        String room = message.text("room").orElse(DEFAULT);
        if (Texts.isLonger(name, Texts.NAME_MOST) || Texts.isLonger(room, Texts.NAME_MOST)) {
            return replies.error(message, "too_long", "A name has at most " + Texts.NAME_MOST + " characters.");
        }
        if (!Texts.isPlain(name)) {
            return replies.error(message, "bad_request", "A name has no control characters.");
        }
        String channel = Events.channel(room);
        boolean isNew = !subscriber.sees(channel, ChatSubscriber.View.ROOM);
        if (!subscriber.see(channel, ChatSubscriber.View.ROOM)) {
            return replies.error(message, "already_subscribed", "Subscribed to " + channel + " as a channel already.");
        }
        if (!name.isEmpty()) {
            subscriber.choose(name);
        }
        Joining joining = new Joining(message, room, isNew);
        channels.subscribe(
                subscriber,
                SubscribeRequest.to(channel)
                        .withRecent(RECENT)
                        .withMembers(MEMBERS)
                        .allowingAgain(),
                joining);
        return joining.over;
    }

    /** Waits for a join. */
    private final class Joining implements Reply<Subscribed> {
        private final Envelope message;
        private final String room;
        private final boolean isNew;
        private final CompletableFuture<?> over = new CompletableFuture<>();

        private Joining(Envelope message, String room, boolean isNew) {
            this.message = message;
            this.room = room;
            this.isNew = isNew;
        }

        @Override
        public void ok(Subscribed joined) {
            replies.send(message, "chat:joined", joined(room, joined));
            over.complete(null);
        }

        @Override
        public void failed(ChannelException error) {
            if (isNew) {
                subscriber.forget(Events.channel(room));
            }
            replies.error(message, error);
            over.complete(null);
        }
    }

    private static Map<String, Object> joined(String room, Subscribed joined) {
        List<Map<String, Object>> history = joined.publications().stream()
                .map(publication -> Events.text(room, publication))
                .toList();
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("userId", joined.member().user());
        payload.put("room", room);
        payload.put("name", joined.member().name());
        payload.put("memberCount", joined.presence().count().users());
        payload.put("members", Events.members(joined.presence().users()));
        payload.put("history", history);
        payload.put("epoch", joined.position().epoch());
        payload.put("offset", joined.position().offset());
        return payload;
    }

    CompletionStage<?> message(Envelope message) {
        Optional<String> channel = channel(message);
        String text = message.text("text").orElse("");
        if (channel.isEmpty()) {
            return notJoined(message);
        } else if (text.isBlank()) {
            return replies.error(message, "bad_request", "A text is needed.");
        } else if (Texts.isLonger(text, Texts.TEXT_MOST)) {
            return replies.error(message, "too_long", "A text has at most " + Texts.TEXT_MOST + " characters.");
        } else if (!connection.takePublication()) {
            return replies.error(message, Replies.tooMany());
        }
        CompletionStage<Position> published =
                channels.publish(subscriber, new PublishRequest(channel.get(), Json.text(Map.of("text", text))));
        published.whenComplete((position, error) -> {
            if (error == null) {
                replies.acknowledge(message, Subscriptions.place(position));
            } else {
                replies.error(message, error);
            }
        });
        return Replies.DONE;
    }

    CompletionStage<?> leave(Envelope message) {
        channel(message).ifPresent(channel -> {
            subscriber.forget(channel);
            channels.unsubscribe(subscriber, channel);
        });
        replies.acknowledge(message, Map.of());
        return Replies.DONE;
    }

    CompletionStage<?> typing(Envelope message) {
        Optional<String> channel = channel(message);
        if (channel.isEmpty()) {
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
