package dev.sluice.realtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
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

    /** What is wrong with a message; its id, where that could be read. */
    public static final class Malformed extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private final transient @Nullable JsonNode id;

        private Malformed(String message, @Nullable JsonNode id) {
            super(message);
            this.id = id;
        }

        /** The message as far as it can be answered. */
        public Envelope envelope() {
            return new Envelope("", MissingNode.getInstance(), id);
        }
    }

    /**
     * Reads what a client sent.
     *
     * @throws Malformed saying what is wrong with it
     */
    public static Envelope read(String text) {
        JsonNode root = parse(text);
        JsonNode id = id(root.path("id"));
        JsonNode type = root.path("type");
        if (!root.isObject() || !type.isTextual() || type.textValue().length() > TYPE_MOST) {
            throw new Malformed("expected an object with a type", id);
        }
        return new Envelope(type.textValue(), root.path("payload"), id);
    }

    private static JsonNode parse(String text) {
        try {
            return Json.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()), null);
        }
    }

    /** Null is what many writers of JSON make of none. */
    private static @Nullable JsonNode id(JsonNode id) {
        if (id.isMissingNode() || id.isNull()) {
            return null;
        }
        if (!(id.isTextual() || id.isNumber()) || id.asText().length() > ID_MOST) {
            throw new Malformed("an id is a text or a number of at most " + ID_MOST + " characters", null);
        }
        return id;
    }

    /** What the server says of its own accord. */
    public static Frame frame(String type, Object payload, long ts) {
        return Frame.of(text(type, payload, ts, null));
    }

    /** An answer to this message. */
    public Frame reply(String replyType, Object replyPayload, long ts) {
        return Frame.of(text(replyType, replyPayload, ts, id));
    }

    /** Whether the payload has something else than a text by this name. */
    public boolean hasOther(String name) {
        JsonNode value = payload.path(name);
        return !value.isMissingNode() && !value.isNull() && !value.isTextual();
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
