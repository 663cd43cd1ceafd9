package dev.sluice.realtime.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.sluice.broker.Publication;
import dev.sluice.channel.Encoding;
import dev.sluice.channel.Event;
import dev.sluice.channel.Member;
import dev.sluice.flow.Frame;
import dev.sluice.http.Json;
import dev.sluice.realtime.Envelope;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What happens in channels, as frames: for those who joined a room, and for those who listen to a channel. Thread-safe. */
final class Events {
    static final String MESSAGE = "message";
    /** The event that tells of a text taken back: {@code {"offset": n}}. */
    static final String DELETED = "deleted";
    /** What is left of it in its place. */
    static final String TOMBSTONE = "{\"deleted\":true}";

    private static final String LOST = "lost";

    private final InstantSource clock;
    private final RecentTexts recent = new RecentTexts();
    private final Encoding<Optional<Frame>> ofRoom = this::ofRoom;
    private final Encoding<Optional<Frame>> ofChannel = this::ofChannel;

    Events(InstantSource clock) {
        this.clock = clock;
    }

    /** The frame of an event, the same for all; empty where there is nothing to be told. */
    Optional<Frame> encoded(Event event, ChatSubscriber.View view) {
        return event.encoded(view == ChatSubscriber.View.ROOM ? ofRoom : ofChannel);
    }

    static String channel(String room) {
        return Chat.NAMESPACE + ":" + room;
    }

    /** Of the channel of a room; empty for the one that is called as the namespace alone, which is no room. */
    static String room(String channel) {
        return channel.length() <= Chat.NAMESPACE.length() ? "" : channel.substring(Chat.NAMESPACE.length() + 1);
    }

    // -- Rooms

    private Optional<Frame> ofRoom(Event event) {
        String room = room(event.channel());
        Event.Kind kind = event.kind();
        if (kind instanceof Event.Message message) {
            return said(room, message.publication());
        } else if (kind instanceof Event.Joined joined) {
            return joined.first()
                    ? frame("chat:user_joined", change(room, joined.member(), joined.count()))
                    : Optional.empty();
        } else if (kind instanceof Event.Left left) {
            return left.last() ? frame("chat:user_left", change(room, left.member(), left.count())) : Optional.empty();
        } else if (kind instanceof Event.Typing typing) {
            return frame("chat:typing", typing("room", room, typing));
        } else if (kind instanceof Event.PresenceChanged changed) {
            return frame("presence", with(diff(event.channel(), changed), "room", room));
        }
        return frame("chat:error", ended(room, reason(kind)));
    }

    private Optional<Frame> said(String room, Publication publication) {
        if (isThere(publication)) {
            return frame("chat:message", text(room, publication));
        } else if (isText(publication)) {
            // Deleted before it was told.
            return Optional.empty();
        } else if (publication.event().equals(DELETED)) {
            return frame("chat:message_deleted", deleted(room, publication));
        }
        return Optional.of(message(publication));
    }

    /** Whether rooms and channels are told this in one form. */
    static boolean isAlike(Event.Kind kind) {
        return kind instanceof Event.PresenceChanged
                || (kind instanceof Event.Message message
                        && !isText(message.publication())
                        && !message.publication().event().equals(DELETED));
    }

    private static Map<String, Object> deleted(String room, Publication publication) {
        return with(with(new LinkedHashMap<>(), "room", room), "offset", takenBack(publication));
    }

    private static long takenBack(Publication publication) {
        return parse(publication.data()).path("offset").asLong();
    }

    /** The offsets of the texts that some of these publications tell to be taken back. */
    static Set<Long> takenBack(Collection<Publication> publications) {
        return publications.stream()
                .filter(one -> one.event().equals(DELETED))
                .map(Events::takenBack)
                .collect(Collectors.toSet());
    }

    /** Servers and SQL may publish in a room what we do not read: then it is told as it is. */
    private static JsonNode parse(String data) {
        try {
            return Json.parse(data);
        } catch (IllegalArgumentException e) {
            return MissingNode.getInstance();
        }
    }

    /** Whether somebody said it, and not a server something else. */
    static boolean isText(Publication publication) {
        return publication.event().isEmpty() || publication.event().equals(MESSAGE);
    }

    static boolean isDeleted(Publication publication) {
        return publication.data().equals(TOMBSTONE);
    }

    /** Whether it is a text that was not taken back. */
    static boolean isThere(Publication publication) {
        return isText(publication) && !isDeleted(publication);
    }

    private static Map<String, Object> change(String room, Member member, Event.Count count) {
        return with(with(member(member), "room", room), "memberCount", count.users());
    }

    /** What somebody said, as it is told and as it stands in a history. */
    static Map<String, Object> text(String room, Publication publication) {
        JsonNode data = parse(publication.data());
        JsonNode text = data.path("text");
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("from", data.path("from").asText(""));
        payload.put("userId", data.path("userId").asText(""));
        payload.put("room", room);
        // A server may publish what it likes in a room.
        payload.put("text", text.isTextual() ? text.textValue() : publication.data());
        payload.put("ts", data.path("ts").asLong(publication.time()));
        payload.put("offset", publication.position().offset());
        return payload;
    }

    /** Several texts in their order, as JSON. */
    RawValue texts(String room, List<Publication> publications) {
        return recent.json(room, publications);
    }

    /** For one who cannot come back to a room of which something was missed. */
    Frame lost(String room) {
        return Envelope.frame("chat:error", ended(room, LOST), clock.millis());
    }

    private static Map<String, Object> ended(String room, String reason) {
        return with(
                with(with(new LinkedHashMap<>(), "code", reason), "message", "You are not in the room any more."),
                "room",
                room);
    }

    // -- Channels

    private Optional<Frame> ofChannel(Event event) {
        String channel = event.channel();
        Event.Kind kind = event.kind();
        if (kind instanceof Event.Message message) {
            return Optional.of(message(message.publication()));
        } else if (kind instanceof Event.Joined joined) {
            return joined.first() ? frame("presence:join", change(channel, joined.member())) : Optional.empty();
        } else if (kind instanceof Event.Left left) {
            return left.last() ? frame("presence:leave", change(channel, left.member())) : Optional.empty();
        } else if (kind instanceof Event.Typing typing) {
            return frame("typing", typing("channel", channel, typing));
        } else if (kind instanceof Event.PresenceChanged changed) {
            return frame("presence", diff(channel, changed));
        }
        return frame("channel:unsubscribed", Map.of("channel", channel, "reason", reason(kind)));
    }

    /** By hand: the data are JSON already, as large as they may be, and need not be read. */
    private static Frame message(Publication publication) {
        return Frame.of("{\"type\":\"channel:message\",\"payload\":{\"channel\":" + Json.text(publication.channel())
                + ",\"data\":" + publication.data()
                + ",\"event\":" + Json.text(name(publication))
                + ",\"offset\":" + publication.position().offset()
                + "},\"ts\":" + publication.time() + "}");
    }

    /** What was published, as it stands in an answer. */
    static Map<String, Object> publication(Publication publication) {
        Map<String, Object> payload = new LinkedHashMap<>();
        // As it came: what SQL published may be deeper than we read, and its numbers are not ours to write anew.
        payload.put("data", new RawValue(publication.data()));
        payload.put("event", name(publication));
        payload.put("offset", publication.position().offset());
        payload.put("ts", publication.time());
        return payload;
    }

    private static String name(Publication publication) {
        return publication.event().isEmpty() ? MESSAGE : publication.event();
    }

    private static Map<String, Object> change(String channel, Member member) {
        Map<String, Object> payload = with(new LinkedHashMap<>(), "channel", channel);
        payload.putAll(member(member));
        return payload;
    }

    // -- Both

    /** What others know a member by, and mute it by: a guest without a name in its protocol has one here. */
    static String userId(Member member) {
        return member.user().isEmpty() ? ChatSubscriber.guest(member.connection()) : member.user();
    }

    static Map<String, Object> member(Member member) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("userId", userId(member));
        payload.put("name", member.name().isEmpty() ? ChatSubscriber.ANONYMOUS : member.name());
        return payload;
    }

    static List<Map<String, Object>> members(List<Member> members) {
        return members.stream().map(Events::member).toList();
    }

    private static Map<String, Object> typing(String where, String name, Event.Typing typing) {
        return with(with(member(typing.member()), where, name), "typing", typing.typing());
    }

    private static Map<String, Object> diff(String channel, Event.PresenceChanged changed) {
        Map<String, Object> payload = with(new LinkedHashMap<>(), "channel", channel);
        payload.put("joined", members(changed.users().joined()));
        payload.put("left", members(changed.users().left()));
        payload.put("memberCount", changed.count().users());
        return payload;
    }

    private static String reason(Event.Kind kind) {
        return kind instanceof Event.Unsubscribed ended ? ended.cause().name().toLowerCase(Locale.ROOT) : LOST;
    }

    private Optional<Frame> frame(String type, Object payload) {
        return Optional.of(Envelope.frame(type, payload, clock.millis()));
    }

    private static Map<String, Object> with(Map<String, Object> payload, String name, Object value) {
        payload.put(name, value);
        return payload;
    }
}
