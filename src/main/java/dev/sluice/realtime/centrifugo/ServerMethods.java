package dev.sluice.realtime.centrifugo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Channels;
import dev.sluice.channel.PublishRequest;
import dev.sluice.http.Json;
import dev.sluice.http.NumericDate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What the server API can do. What it wants of connections reaches those of all nodes. Nothing here blocks. Thread-safe.
 */
final class ServerMethods {
    static final List<String> NAMES = List.of(
            "publish",
            "broadcast",
            "subscribe",
            "unsubscribe",
            "disconnect",
            "refresh",
            "presence",
            "presence_stats",
            "history",
            "history_remove",
            "channels",
            "info");

    private static final String NOTHING = "{}";
    /** What other nodes are told, as they call it. */
    private static final String KIND = "centrifugo";

    private static final String EVENT = "event";
    private static final String USER = "user";
    private static final String CLIENT = "client";
    /** Of the codes with which applications may close a socket (RFC 6455, section 7.4.2). */
    private static final int CODE_LEAST = 3000;

    private static final int CODE_MOST = 4999;
    private static final int BROADCAST_MOST = 1000;
    private static final int CHANNELS_MOST = 10_000;
    private static final int MEMBERS_MOST = 10_000;

    private final Centrifugo centrifugo;
    private final Channels channels;

    /** @param channels the way to the other nodes; not yet started */
    ServerMethods(Centrifugo centrifugo, Channels channels) {
        this.centrifugo = centrifugo;
        this.channels = channels;
        channels.onTold(KIND, this::told);
    }

    static String error(FaultException error) {
        return "{\"error\":" + Replies.error(error) + "}";
    }

    /**
     * Begins to do it.
     *
     * @return completes with the result as JSON; fails with {@link ChannelException}
     * @throws FaultException when the parameters cannot be right
     * @throws ChannelException when it is refused at once
     */
    CompletionStage<String> begin(String method, ObjectNode params) {
        return switch (method) {
            case "publish" -> publish(Command.channel(params), params).thenApply(Replies::published);
            case "broadcast" -> broadcast(params);
            case "history" ->
                channels.history(CentrifugoProtocol.historyRequest(params)).thenApply(Replies::history);
            case "history_remove" -> channels.forget(Command.channel(params)).thenApply(ok -> NOTHING);
            case "subscribe", "unsubscribe" -> {
                // Who calls is not told what becomes of it later.
                channels.requireOpen(Command.channel(params));
                yield everywhere(method, params);
            }
            case "disconnect", "refresh" -> everywhere(method, params);
            default -> CompletableFuture.completedFuture(result(method, params));
        };
    }

    private String result(String method, ObjectNode params) {
        return switch (method) {
            case "presence" -> Replies.presence(channels.presence(Command.channel(params), MEMBERS_MOST));
            case "presence_stats" ->
                Replies.presenceStats(
                        channels.presence(Command.channel(params), 0).count());
            case "channels" -> channels(Command.text(params, "pattern"));
            case "info" -> info();
            default -> throw new FaultException(Fault.METHOD_NOT_FOUND);
        };
    }

    // -- Publishing

    private CompletionStage<Position> publish(String channel, ObjectNode params) {
        if (params.path("skip_history").asBoolean(false) && channels.keeps(channel)) {
            // Of a broadcast, this channel's answer alone.
            return CompletableFuture.failedFuture(new FaultException(
                    Fault.BAD_REQUEST, "What a namespace keeps, it keeps; skip_history is not there."));
        }
        JsonNode data = params.path("data");
        return channels.publisher()
                .publish(new PublishRequest(
                        channel,
                        event(params.path("tags")),
                        data.isMissingNode() ? "" : data.toString(),
                        Command.text(params, "idempotency_key")));
    }

    /** Nothing else is kept with a publication, and what would be lost is not taken. */
    private static String event(JsonNode tags) {
        if (tags.isMissingNode() || tags.isNull()) {
            return "";
        }
        boolean isKnown = tags.isObject() && tags.size() == (tags.has(EVENT) ? 1 : 0);
        if (!isKnown) {
            throw new FaultException(Fault.BAD_REQUEST, "Of tags there is \"" + EVENT + "\", and no other.");
        }
        return Command.text(tags, EVENT);
    }

    /** One answer for each channel, in their order; one that fails leaves the others as they are. */
    private CompletionStage<String> broadcast(ObjectNode params) {
        JsonNode names = params.path("channels");
        if (!names.isArray() || names.isEmpty() || names.size() > BROADCAST_MOST) {
            throw new FaultException(
                    Fault.BAD_REQUEST, "\"channels\" is a list of at most " + BROADCAST_MOST + " names.");
        }
        List<CompletableFuture<String>> published = new ArrayList<>();
        names.forEach(name -> published.add(outcome(publish(name.asText(""), params))));
        return CompletableFuture.allOf(published.toArray(CompletableFuture[]::new))
                .thenApply(all -> published.stream()
                        .map(CompletableFuture::join)
                        .collect(Collectors.joining(",", "{\"responses\":[", "]}")));
    }

    private static CompletableFuture<String> outcome(CompletionStage<Position> published) {
        return published
                .handle((position, error) -> error == null
                        ? "{\"result\":" + Replies.published(position) + "}"
                        : error(ServerApi.fault(error)))
                .toCompletableFuture();
    }

    // -- Connections; a client is told what happens to it, and who calls here is not, as with Centrifugo

    private CompletionStage<String> everywhere(String method, ObjectNode params) {
        if (Command.text(params, USER).isEmpty() && Command.text(params, CLIENT).isEmpty()) {
            throw new FaultException(Fault.BAD_REQUEST, "A user or a client is needed.");
        }
        Consumer<CentrifugoProtocol> wish = wish(method, params);
        return channels.tellNodes(KIND, Json.text(Map.of("method", method, "params", params)))
                .thenApply(told -> {
                    forEach(params, wish);
                    return NOTHING;
                });
    }

    /** What another node was asked to do. */
    private void told(String json) {
        JsonNode told = Json.parse(json);
        JsonNode params = told.path("params");
        forEach(params, wish(told.path("method").asText(), params));
    }

    private static Consumer<CentrifugoProtocol> wish(String method, JsonNode params) {
        return switch (method) {
            case "subscribe" -> subscribe(params);
            case "unsubscribe" -> unsubscribe(params);
            case "disconnect" -> disconnect(params);
            case "refresh" -> refresh(params);
            default -> throw new FaultException(Fault.METHOD_NOT_FOUND);
        };
    }

    private static Consumer<CentrifugoProtocol> subscribe(JsonNode params) {
        String channel = Command.channel(params);
        Optional<Position> since = params.hasNonNull("recover_since")
                ? Optional.of(Command.position(params.path("recover_since")))
                : Optional.empty();
        return one -> one.subscribe(channel, since);
    }

    private static Consumer<CentrifugoProtocol> unsubscribe(JsonNode params) {
        String channel = Command.channel(params);
        return one -> one.unsubscribe(channel);
    }

    private static Consumer<CentrifugoProtocol> disconnect(JsonNode params) {
        JsonNode how = params.path("disconnect");
        int code = how.path("code").asInt(Closing.FORCE_NO_RECONNECT.code());
        if (code < CODE_LEAST || code > CODE_MOST) {
            throw new FaultException(
                    Fault.BAD_REQUEST, "The code is a number from " + CODE_LEAST + " to " + CODE_MOST + ".");
        }
        String given = Command.text(how, "reason");
        String reason = given.isEmpty() ? Closing.reason(code) : given;
        Set<String> spared = new HashSet<>();
        params.path("whitelist").forEach(client -> spared.add(client.asText()));
        return one -> {
            if (!spared.contains(one.connection())) {
                one.disconnect(code, reason);
            }
        };
    }

    private static Consumer<CentrifugoProtocol> refresh(JsonNode params) {
        boolean isOver = params.path("expired").asBoolean(false);
        Optional<Instant> end = isOver
                ? Optional.of(Instant.EPOCH)
                : NumericDate.of(params.path("expire_at").numberValue()).filter(Instant.EPOCH::isBefore);
        return one -> one.expireAt(end);
    }

    /** With those of one user, or the one of them that is named. */
    private void forEach(JsonNode params, Consumer<CentrifugoProtocol> wish) {
        String user = Command.text(params, USER);
        String client = Command.text(params, CLIENT);
        List.copyOf(centrifugo.connected()).stream()
                .filter(one -> user.isEmpty() || one.user().equals(user))
                .filter(one -> client.isEmpty() || one.connection().equals(client))
                .forEach(wish);
    }

    // -- What there is

    /** @param pattern with {@code *} for any part of a name; empty = all */
    private String channels(String pattern) {
        Predicate<String> wanted = pattern.isEmpty() ? name -> true : new Glob(pattern)::matches;
        Map<String, Object> found = new LinkedHashMap<>();
        channels.channels(wanted, CHANNELS_MOST)
                .forEach((name, subscribers) -> found.put(name, Map.of("num_clients", subscribers)));
        return Json.text(Map.of("channels", found));
    }

    private String info() {
        Map<String, Integer> subscribed = channels.channels(Integer.MAX_VALUE);
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("uid", centrifugo.node());
        node.put("name", "sluice");
        node.put("version", "Sluice");
        node.put("num_clients", channels.connections());
        node.put("num_users", users());
        node.put(
                "num_subs",
                subscribed.values().stream().mapToInt(Integer::intValue).sum());
        node.put("num_channels", subscribed.size());
        node.put("uptime", centrifugo.uptime().toSeconds());
        return Json.text(Map.of("nodes", List.of(node)));
    }

    private long users() {
        return centrifugo.connected().stream()
                .map(CentrifugoProtocol::user)
                .distinct()
                .count();
    }
}
