package dev.sluice.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.flow.Frame;
import dev.sluice.http.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sluice's own form of a message, {@code {"type", "payload", "ts"}}. What a client sends may carry an {@code id}, which
 * comes back as {@code ref}. Immutable.
 *
 * @param payload a missing one is the JSON null
 * @param id a text or a number; null without one
 */
public record Envelope(
        String type, JsonNode payload, @Nullable JsonNode id) {
    private static final int TYPE_MOST = 64;
    private static final int ID_MOST = 64;

    /**
     * Reads what a client sent.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static Envelope read(String text) {
        JsonNode root = Json.parse(text);
        JsonNode type = root.path("type");
        if (!root.isObject() || !type.isTextual() || type.textValue().length() > TYPE_MOST) {
            throw new IllegalArgumentException("expected an object with a type");
        }
        JsonNode id = root.get("id");
        boolean isId =
                id == null || ((id.isTextual() || id.isNumber()) && id.asText().length() <= ID_MOST);
        if (!isId) {
            throw new IllegalArgumentException("an id is a text or a number of at most " + ID_MOST + " characters");
        }
        return new Envelope(type.textValue(), root.path("payload"), id);
    }

    /** What the server says of its own accord. */
    public static Frame frame(String type, Object payload, long ts) {
        return Frame.of(text(type, payload, ts, null));
    }

    /** An answer to this message. */
    public Frame reply(String replyType, Object replyPayload, long ts) {
        return Frame.of(text(replyType, replyPayload, ts, id));
    }

    /** A text of the payload; empty when there is none of this name that is a text. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(payload.path(name).textValue());
    }

    private static String text(String type, Object payload, long ts, @Nullable JsonNode ref) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("type", type);
        message.put("payload", payload);
        message.put("ts", ts);
        if (ref != null) {
            message.put("ref", ref);
        }
        return Json.text(message);
    }
}
