package dev.sluice.channel;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.broker.Signal;
import dev.sluice.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What nodes tell each other of members and typing, as text. Stateless. */
final class Signals {
    /** A node is there; who does not know it yet answers with all of its own. */
    static final String WHO = "who";

    static final String BYE = "bye";
    static final String JOIN = "join";
    static final String LEAVE = "leave";
    /** Members that were there before. */
    static final String HERE = "here";

    static final String TYPING = "typing";

    /** Something of what is kept of a channel is another now, or gone. */
    static final String REVISED = "revised";

    /** Bytes of what is around one member. */
    private static final int MARGIN = 10;

    private Signals() {}

    /** Members, in as many texts as are needed to keep each of them small enough. */
    static List<String> members(List<Member> members) {
        List<String> texts = new ArrayList<>();
        StringBuilder text = new StringBuilder("[");
        int bytes = 1;
        for (Member member : members) {
            String one = fitting(member);
            int size = bytes(one) + 1;
            if (text.length() > 1 && bytes + size > Signal.MOST) {
                texts.add(text.append(']').toString());
                text = new StringBuilder("[");
                bytes = 1;
            }
            text.append(text.length() > 1 ? "," : "").append(one);
            bytes += size;
        }
        texts.add(text.append(']').toString());
        return texts;
    }

    static String typing(Member member, boolean typing) {
        return "[" + fitting(member) + "," + typing + "]";
    }

    /** @throws IllegalArgumentException when it is no such text */
    static List<Member> readMembers(String text) {
        List<Member> members = new ArrayList<>();
        Json.parse(text).forEach(one -> {
            if (one.isArray()) {
                members.add(member(one));
            }
        });
        return members;
    }

    /** @throws IllegalArgumentException when it is no such text */
    static Event.Typing readTyping(String text) {
        JsonNode json = Json.parse(text);
        return new Event.Typing(member(json.path(0)), json.path(1).asBoolean());
    }

    /** Who is there counts more than what there is to tell of the connection: where both are too much, the name does. */
    private static String fitting(Member member) {
        String text = text(member);
        return bytes(text) + MARGIN > Signal.MOST ? text(member.withoutConnectionInfo()) : text;
    }

    private static String text(Member member) {
        return Json.text(
                List.of(member.connection(), member.user(), member.name(), member.info(), member.connectionInfo()));
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static Member member(JsonNode json) {
        if (json.path(0).asText("").isEmpty()) {
            throw new IllegalArgumentException("not a member: " + json);
        }
        return new Member(
                json.path(0).asText(""),
                json.path(1).asText(""),
                json.path(2).asText(""),
                json.path(4).asText(""),
                json.path(3).asText(""));
    }
}
