package dev.sluice.realtime.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Member;
import dev.sluice.channel.PublishRequest;
import dev.sluice.channel.Stamp;
import dev.sluice.channel.Subscriber;
import dev.sluice.http.Json;
import dev.sluice.realtime.Texts;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes what a client says in a room into what all are told: who said it and when is put in here, whatever the client
 * claims; and who is muted says nothing, and is not seen to type. Thread-safe.
 */
final class RoomStamp implements Stamp {
    private final Mutes mutes;
    private final int textLength;
    private final InstantSource clock;

    RoomStamp(Mutes mutes, int textLength, InstantSource clock) {
        this.mutes = mutes;
        this.textLength = textLength;
        this.clock = clock;
    }

    @Override
    public String on(Subscriber from, Member member, PublishRequest request) {
        if (!request.event().isEmpty() && !request.event().equals(Events.MESSAGE)) {
            throw refused("In a room there are no events but messages.");
        }
        requireVoice(member, request.channel());
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("from", member.name().isEmpty() ? ChatSubscriber.ANONYMOUS : member.name());
        data.put("userId", Events.userId(member));
        data.put("text", text(request.data()));
        data.put("ts", clock.millis());
        return Json.text(data);
    }

    @Override
    public void onTyping(Member member, String channel) {
        requireVoice(member, channel);
    }

    private void requireVoice(Member member, String channel) {
        if (mutes.isMuted(Events.room(channel), Events.userId(member))) {
            throw new ChannelException(Reason.PERMISSION_DENIED, "You are muted in this room.");
        }
    }

    private String text(String json) {
        JsonNode text = Json.parse(json).path("text");
        if (!text.isTextual() || text.textValue().isBlank()) {
            throw refused("A text is needed: {\"text\": \"…\"}.");
        }
        if (Texts.isLonger(text.textValue(), textLength)) {
            throw refused("A text has at most " + textLength + " characters.");
        }
        return text.textValue();
    }

    private static ChannelException refused(String message) {
        return new ChannelException(Reason.BAD_REQUEST, message);
    }
}
