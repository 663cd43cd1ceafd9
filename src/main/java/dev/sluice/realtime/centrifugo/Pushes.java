package dev.sluice.realtime.centrifugo;

import dev.sluice.channel.Encoding;
import dev.sluice.channel.Event;
import dev.sluice.channel.Member;
import dev.sluice.flow.Frame;
import dev.sluice.http.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the server says of its own accord; one encoding for all connections of this protocol. Stateless. */
final class Pushes {
    /** A client that is told so subscribes no more by itself. */
    static final int UNSUBSCRIBED = 2000;
    /** A client that is told one of these comes again, from where it was. */
    static final int INSUFFICIENT_STATE = 2500;

    static final int SUBSCRIPTION_EXPIRED = 2501;

    static final Encoding<Frame> ENCODING = event -> Frame.of(text(event.channel(), event.kind()));

    private Pushes() {}

    /** What holds for one channel. */
    static String push(String channel, String field, String value) {
        return "{\"push\":{\"channel\":" + Json.text(channel) + ",\"" + field + "\":" + value + "}}";
    }

    static String unsubscribe(String channel, int code, String reason) {
        return push(channel, "unsubscribe", "{\"code\":" + code + ",\"reason\":" + Json.text(reason) + "}");
    }

    /** How long the connection lasts from now on. */
    static String refresh(Optional<Duration> expiresIn) {
        return "{\"push\":{\"refresh\":{" + expiresIn.map(Replies::expiry).orElse("") + "}}}";
    }

    /** Empty for what this protocol has no word for. */
    static String text(String channel, Event.Kind kind) {
        if (kind instanceof Event.Message message) {
            return push(channel, "pub", Replies.publication(message.publication()));
        }
        if (kind instanceof Event.Joined joined) {
            return push(channel, "join", Replies.info(joined.member()));
        }
        if (kind instanceof Event.Left left) {
            return push(channel, "leave", Replies.info(left.member()));
        }
        if (kind instanceof Event.PresenceChanged changed) {
            return changes(channel, changed.connections());
        }
        if (kind instanceof Event.Unsubscribed unsubscribed) {
            return ended(channel, unsubscribed.cause());
        }
        return kind instanceof Event.Lost ? unsubscribe(channel, INSUFFICIENT_STATE, "insufficient state") : "";
    }

    private static String ended(String channel, Event.Cause cause) {
        return switch (cause) {
            case SERVER -> unsubscribe(channel, UNSUBSCRIBED, "server unsubscribe");
            case PERMISSION -> unsubscribe(channel, UNSUBSCRIBED, "permission denied");
            case EXPIRED -> unsubscribe(channel, SUBSCRIPTION_EXPIRED, "subscription expired");
        };
    }

    /** Several messages in one frame. */
    private static String changes(String channel, Event.Change change) {
        return Stream.concat(pushes(channel, "join", change.joined()), pushes(channel, "leave", change.left()))
                .collect(Collectors.joining("\n"));
    }

    private static Stream<String> pushes(String channel, String field, List<Member> members) {
        return members.stream().map(member -> push(channel, field, Replies.info(member)));
    }
}
