package dev.sluice.realtime.centrifugo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sluice.broker.Position;
import dev.sluice.http.Json;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a client wants: {@code {"id": 1, "subscribe": {…}}}. Fields that are not known mean nothing. Immutable.
 *
 * @param id comes back with the answer; 0 where none is expected
 */
record Command(long id, Method method, JsonNode params) {
    private static final int TOKEN_MOST = 8192;
    /** Characters; no name is longer, and no epoch nearly as long. */
    private static final int NAME_MOST = 255;

    /** The methods; of several in one command the first of these counts. */
    enum Method {
        CONNECT,
        SUBSCRIBE,
        UNSUBSCRIBE,
        PUBLISH,
        PRESENCE,
        PRESENCE_STATS,
        HISTORY,
        PING,
        SEND,
        RPC,
        REFRESH,
        SUB_REFRESH,
        /** None that is known. */
        UNKNOWN;

        /** Its name as a field of commands and replies. */
        String field() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Reads one line of a frame.
     *
     * @return empty for a sign of life
     * @throws IllegalArgumentException when it is no such thing
     */
    static Optional<Command> read(String line) {
        JsonNode root = Json.parse(line);
        if (!root.isObject()) {
            throw new IllegalArgumentException("a command is an object");
        }
        if (root.isEmpty()) {
            return Optional.empty();
        }
        Method method = methodOf(root);
        JsonNode params = method == Method.UNKNOWN ? root : root.path(method.field());
        if (!params.isObject()) {
            throw new IllegalArgumentException("the parameters of a command are an object");
        }
        long id = root.path("id").canConvertToLong() ? root.path("id").longValue() : 0;
        if (id <= 0 && method != Method.SEND) {
            throw new IllegalArgumentException("a command has an id from 1 on");
        }
        return Optional.of(new Command(id, method, params));
    }

    private static Method methodOf(JsonNode root) {
        for (Method method : Method.values()) {
            if (method != Method.UNKNOWN && root.hasNonNull(method.field())) {
                return method;
            }
        }
        return Method.UNKNOWN;
    }

    /** What its answer needs of it. */
    Command withoutParams() {
        return new Command(id, method, MissingNode.getInstance());
    }

    /** @throws FaultException when there is none */
    String channel() {
        return channel(params);
    }

    static String channel(JsonNode params) {
        String channel = text(params, "channel");
        if (channel.isEmpty()) {
            throw new FaultException(Fault.BAD_REQUEST, "A channel is needed.");
        }
        return name("channel", channel);
    }

    String token() {
        String token = text("token");
        if (token.length() > TOKEN_MOST) {
            throw new FaultException(Fault.BAD_REQUEST, "The token is too long.");
        }
        return token;
    }

    /** A text; empty when it is not there. */
    String text(String name) {
        return text(params, name);
    }

    boolean flag(String name) {
        return params.path(name).asBoolean(false);
    }

    /** JSON of any kind. */
    String data() {
        return params.path("data").isMissingNode() ? "" : params.path("data").toString();
    }

    /** Where to recover from; empty unless that is wanted. */
    Optional<Position> recovery() {
        return recovery(params);
    }

    /** The same of one of the subscriptions that a client brings along when it connects. */
    static Optional<Position> recovery(JsonNode node) {
        return node.path("recover").asBoolean(false) ? Optional.of(position(node)) : Optional.empty();
    }

    /** From where on history is wanted. */
    static Optional<Position> since(JsonNode params) {
        return params.hasNonNull("since") ? Optional.of(position(params.path("since"))) : Optional.empty();
    }

    /** How much history is wanted: without one, none; empty = as much as there is. */
    static OptionalInt limit(JsonNode params) {
        JsonNode limit = params.path("limit");
        if (limit.isMissingNode() || limit.isNull()) {
            return OptionalInt.of(0);
        }
        if (!limit.isIntegralNumber() || !limit.canConvertToInt() || limit.intValue() < -1) {
            throw new FaultException(Fault.BAD_REQUEST, "The limit is -1, 0 or more.");
        }
        return limit.intValue() < 0 ? OptionalInt.empty() : OptionalInt.of(limit.intValue());
    }

    static Position position(JsonNode node) {
        JsonNode offset = node.path("offset");
        boolean isOffset = offset.isMissingNode() || (offset.canConvertToLong() && offset.isIntegralNumber());
        if (!isOffset || offset.asLong() < 0) {
            throw new FaultException(Fault.BAD_REQUEST, "An offset is a number from 0 on.");
        }
        return new Position(name("epoch", text(node, "epoch")), offset.asLong());
    }

    /** What may have to wait is short. */
    private static String name(String what, String text) {
        if (text.length() > NAME_MOST) {
            throw new FaultException(Fault.BAD_REQUEST, "\"" + what + "\" has at most " + NAME_MOST + " characters.");
        }
        return text;
    }

    static String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
            throw new FaultException(Fault.BAD_REQUEST, "\"" + name + "\" is a text.");
        }
        return value.isTextual() ? value.textValue() : "";
    }
}
