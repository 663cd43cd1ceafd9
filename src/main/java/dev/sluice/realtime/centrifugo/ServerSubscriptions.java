package dev.sluice.realtime.centrifugo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Member;
import dev.sluice.channel.Reply;
import dev.sluice.channel.Subscribed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The subscriptions that a connection begins with because its token says so: claims {@code channels}, a list, and {@code
 * subs}, an object with the channels as names. The client may bring along where each is to be recovered from. Immutable.
 */
record ServerSubscriptions(Map<String, Wanted> byChannel) {
    /** How long all of them together may take to begin. */
    static final Duration LONGEST = Duration.ofSeconds(10);

    /**
     * How one of them shall be.
     *
     * @param since where to recover from
     * @param info JSON for others to see; empty without any
     */
    record Wanted(Optional<Position> since, String info) {}

    /** How one of them begins. */
    @FunctionalInterface
    interface Beginning {
        void subscribe(String channel, Wanted wanted, Reply<Subscribed> reply);
    }

    /**
     * Of a token and the parameters of the command it came with; nobody but the application may say so.
     *
     * @throws ChannelException when the token says too much
     */
    static ServerSubscriptions of(ConnectionTokens.Login login, JsonNode params) {
        Map<String, Wanted> byChannel = new LinkedHashMap<>();
        if (login.byApplication()) {
            Map<String, Object> claims = login.caller().claims();
            for (String channel : named(claims)) {
                Optional<Position> since = Command.recovery(params.path("subs").path(channel));
                byChannel.put(channel, new Wanted(since, info(claims, channel)));
            }
        }
        return new ServerSubscriptions(byChannel);
    }

    private static String info(Map<String, Object> claims, String channel) {
        return claims.get("subs") instanceof Map<?, ?> subs && subs.get(channel) instanceof Map<?, ?> options
                ? Member.info(options.get("info"))
                : "";
    }

    private static Set<String> named(Map<String, Object> claims) {
        Set<String> channels = new LinkedHashSet<>();
        if (claims.get("channels") instanceof Collection<?> list) {
            list.forEach(channel -> channels.add(String.valueOf(channel)));
        }
        if (claims.get("subs") instanceof Map<?, ?> subs) {
            subs.keySet().forEach(channel -> channels.add(String.valueOf(channel)));
        }
        return channels;
    }

    /**
     * Begins all of them.
     *
     * @return completes with the answers, in this order; fails with {@link ChannelException} as soon as one cannot
     */
    CompletableFuture<List<Subscribed>> begin(Beginning beginning) {
        Allowance allowance = new Allowance();
        List<CompletableFuture<Subscribed>> answers = new ArrayList<>(byChannel.size());
        byChannel.forEach((channel, wanted) -> {
            CompletableFuture<Subscribed> answer = new CompletableFuture<>();
            answers.add(answer);
            beginning.subscribe(channel, wanted, new Answer(answer, allowance));
        });
        return all(answers);
    }

    /** What did not begin in time. */
    static ChannelException late() {
        return new ChannelException(ChannelException.Reason.UNAVAILABLE, "The channels cannot be subscribed to now.");
    }

    private static CompletableFuture<List<Subscribed>> all(List<CompletableFuture<Subscribed>> answers) {
        CompletableFuture<Void> all = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
        for (CompletionStage<Subscribed> answer : answers) {
            answer.whenComplete((ok, error) -> {
                if (error != null) {
                    all.completeExceptionally(error);
                }
            });
        }
        return all.thenApply(ok -> answers.stream().map(CompletableFuture::join).toList());
    }

    private record Answer(CompletableFuture<Subscribed> future, Allowance allowance) implements Reply<Subscribed> {
        @Override
        public void ok(Subscribed answer) {
            future.complete(allowance.grant(answer));
        }

        @Override
        public void failed(ChannelException error) {
            future.completeExceptionally(error);
        }
    }
}
