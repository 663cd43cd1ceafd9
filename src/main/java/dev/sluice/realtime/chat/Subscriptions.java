package dev.sluice.realtime.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.channel.Channels;
import dev.sluice.channel.HistoryRequest;
import dev.sluice.channel.Presence;
import dev.sluice.channel.PublishRequest;
import dev.sluice.channel.SubscribeRequest;
import dev.sluice.channel.Subscribed;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Envelope;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The channels of one connection. Called by one thread at a time; each call gives what completes when it is over. */
final class Subscriptions {
    /** Publications of a page of history, where no number is given. */
    private static final int PAGE = 50;

    private final Channels channels;
    private final ChatSubscriber subscriber;
    private final Connection connection;
    private final Replies replies;

    Subscriptions(Channels channels, ChatSubscriber subscriber, Connection connection, Replies replies) {
        this.channels = channels;
        this.subscriber = subscriber;
        this.connection = connection;
        this.replies = replies;
    }

    /** Where a publication stands; nothing where nothing is kept. */
    static Map<String, Object> place(Position position) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("epoch", position.epoch());
        payload.put("offset", position.offset());
        return payload;
    }

    CompletionStage<?> subscribe(Envelope message) {
        String channel = channel(message);
        if (isMalformed(message.payload().path("since"))) {
            return malformedSince(message);
        }
        return new Entering(
                        message,
                        subscriber,
                        replies,
                        channel,
                        ChatSubscriber.View.CHANNEL,
                        "channel:subscribed",
                        Subscriptions::subscribed)
                .ask(channels, request(message, channel));
    }

    /** Subscribing twice does no harm; to recover what is there already makes no sense, unless it is there as a room. */
    private SubscribeRequest request(Envelope message, String channel) {
        SubscribeRequest request =
                SubscribeRequest.to(channel).withToken(message.text("token").orElse(""));
        Optional<Position> since = since(message);
        boolean isRefused = since.isPresent() && subscriber.sees(channel, ChatSubscriber.View.CHANNEL);
        SubscribeRequest wished = since.map(request::withSince).orElse(request);
        return isRefused ? wished : wished.allowingAgain();
    }

    private static Map<String, Object> subscribed(Subscribed subscribed) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("channel", subscribed.channel());
        payload.putAll(place(subscribed.position()));
        payload.put("recovered", subscribed.recovered());
        payload.put(
                "publications",
                subscribed.publications().stream().map(Events::publication).toList());
        payload.putAll(expiry(subscribed.expiresIn()));
        return payload;
    }

    /** Puts a newer subscription token in the place of the present one. */
    CompletionStage<?> refresh(Envelope message) {
        return answer(
                message,
                channels.refresh(
                        subscriber, channel(message), message.text("token").orElse("")),
                left -> replies.send(message, "ok", expiry(left)));
    }

    private static Map<String, Object> expiry(Optional<Duration> left) {
        Map<String, Object> payload = new LinkedHashMap<>();
        left.ifPresent(time -> payload.put("expiresIn", time.toSeconds()));
        return payload;
    }

    /** Leaving what one is not in is no mistake. */
    CompletionStage<?> unsubscribe(Envelope message) {
        String channel = channel(message);
        boolean isThere = subscriber.sees(channel, ChatSubscriber.View.CHANNEL);
        if (isThere && subscriber.forget(channel, ChatSubscriber.View.CHANNEL)) {
            channels.unsubscribe(subscriber, channel);
        }
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("channel", channel);
        payload.put("reason", "client");
        replies.send(message, "channel:unsubscribed", payload);
        return Replies.DONE;
    }

    /** The next may follow at once: publications keep their order by themselves, and have a rate of their own. */
    CompletionStage<?> publish(Envelope message) {
        JsonNode data = message.payload().path("data");
        if (data.isMissingNode()) {
            return replies.error(message, "bad_request", "Data are needed.");
        } else if (!connection.takePublication()) {
            return replies.error(message, Replies.tooMany());
        }
        PublishRequest request =
                new PublishRequest(channel(message), message.text("event").orElse(""), data.toString(), "");
        answer(
                message,
                channels.publish(subscriber, request),
                position -> replies.send(message, "ok", place(position)));
        return Replies.DONE;
    }

    CompletionStage<?> typing(Envelope message) {
        if (!connection.takePublication()) {
            return replies.error(message, Replies.tooMany());
        }
        boolean typing = message.payload().path("typing").asBoolean(true);
        return answer(
                message,
                channels.typing(subscriber, channel(message), typing),
                told -> replies.acknowledge(message, Map.of()));
    }

    /** One reading at a time: the database is there for others, too. */
    CompletionStage<?> history(Envelope message) {
        JsonNode limit = message.payload().path("limit");
        if (isMalformed(message.payload().path("since"))) {
            return malformedSince(message);
        } else if (!limit.isMissingNode()
                && !limit.isNull()
                && !(limit.isIntegralNumber() && limit.canConvertToInt())) {
            return replies.error(message, "bad_request", "The limit is a number from 0 on.");
        }
        HistoryRequest request = new HistoryRequest(
                channel(message),
                limit.asInt(PAGE),
                since(message),
                message.payload().path("reverse").asBoolean(false));
        return answer(
                message,
                channels.history(subscriber, request),
                history -> replies.send(message, "history", history(request.channel(), history)));
    }

    private static Map<String, Object> history(String channel, History history) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("channel", channel);
        payload.putAll(place(history.top()));
        payload.put(
                "publications",
                history.publications().stream().map(Events::publication).toList());
        return payload;
    }

    CompletionStage<?> presence(Envelope message) {
        String channel = channel(message);
        return answer(
                message,
                channels.presence(subscriber, channel, Rooms.MEMBERS),
                presence -> replies.send(message, "presence", presence(channel, presence)));
    }

    private static Map<String, Object> presence(String channel, Presence presence) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("channel", channel);
        payload.put("members", Events.members(presence.users()));
        payload.put("memberCount", presence.count().users());
        return payload;
    }

    /** Gives what completes when the answer is on its way. */
    private <T> CompletionStage<?> answer(Envelope message, CompletionStage<T> stage, Consumer<T> ok) {
        return stage.whenComplete((value, error) -> {
            if (error == null) {
                ok.accept(value);
            } else {
                replies.error(message, error);
            }
        });
    }

    private CompletionStage<?> malformedSince(Envelope message) {
        return replies.error(message, "bad_request", "Expected since as {\"epoch\": text, \"offset\": number}.");
    }

    private static boolean isMalformed(JsonNode since) {
        boolean isThere = !since.isMissingNode() && !since.isNull();
        return isThere
                && !(since.path("offset").isIntegralNumber()
                        && since.path("offset").canConvertToLong()
                        && since.path("offset").longValue() >= 0
                        && (since.path("epoch").isTextual()
                                || since.path("epoch").isMissingNode()));
    }

    private static Optional<Position> since(Envelope message) {
        JsonNode since = message.payload().path("since");
        return since.isObject()
                ? Optional.of(new Position(
                        since.path("epoch").asText(""), since.path("offset").longValue()))
                : Optional.empty();
    }

    private static String channel(Envelope message) {
        return message.text("channel").orElse("");
    }
}
