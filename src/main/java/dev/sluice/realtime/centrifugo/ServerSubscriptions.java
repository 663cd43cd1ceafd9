package dev.sluice.realtime.centrifugo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Reply;
import dev.sluice.channel.Subscribed;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The subscriptions that a connection begins with because its token says so: claims {@code channels}, a list, and {@code
 * subs}, an object with the channels as names. The client may bring along where each is to be recovered from. Immutable.
 *
 * @param since where to recover from, by channel
 */
record ServerSubscriptions(Map<String, Optional<Position>> since) {
    private static final long LONGEST_SECONDS = 10;

    /** How one of them begins. */
    @FunctionalInterface
    interface Beginning {
        void subscribe(String channel, Optional<Position> since, Reply<Subscribed> reply);
    }

    /** Of a token and the parameters of the command it came with; nobody but the application may say so. */
    static ServerSubscriptions of(ConnectionTokens.Login login, JsonNode params) {
        Map<String, Optional<Position>> since = new LinkedHashMap<>();
        if (login.byApplication()) {
            for (String channel : named(login.caller().claims())) {
                since.put(channel, Command.recovery(params.path("subs").path(channel)));
            }
        }
        return new ServerSubscriptions(since);
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
     * Begins all of them and waits until they have begun, ten seconds in all.
     *
     * @return the answers by channel
     * @throws ChannelException when one of them cannot
     */
    Map<String, Subscribed> begin(Beginning beginning) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        Map<String, CompletableFuture<Subscribed>> waiting = new LinkedHashMap<>();
        since.forEach((channel, position) -> {
            CompletableFuture<Subscribed> answer = new CompletableFuture<>();
            waiting.put(channel, answer);
            beginning.subscribe(channel, position, new Answer(answer));
        });
        Map<String, Subscribed> begun = new LinkedHashMap<>();
        waiting.forEach((channel, answer) -> begun.put(channel, await(answer, deadline)));
        return begun;
    }

    private record Answer(CompletableFuture<Subscribed> future) implements Reply<Subscribed> {
        @Override
        public void ok(Subscribed answer) {
            future.complete(answer);
        }

        @Override
        public void failed(ChannelException error) {
            future.completeExceptionally(error);
        }
    }

    private static Subscribed await(CompletableFuture<Subscribed> answer, long deadline) {
        try {
            return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ChannelException known ? known : unavailable(e);
        } catch (TimeoutException e) {
            throw unavailable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(e);
        }
    }

    private static ChannelException unavailable(Exception cause) {
        return new ChannelException(
                ChannelException.Reason.UNAVAILABLE, "The channels cannot be subscribed to now.", cause);
    }
}
