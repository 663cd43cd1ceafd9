package dev.sluice.channel;

import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A connection and its subscriptions. Its lock is taken last: under it nothing else is locked. Thread-safe. */
final class Link {
    /** Characters of the data of publications that wait, at most. */
    private static final int WAITING_MOST = 256 * 1024;
    /** As many are counted for each of them at least. */
    private static final int LEAST = 1024;

    private final Subscriber subscriber;
    private final Map<String, Subscription> subscriptions = new HashMap<>(4);
    private final AtomicInteger waiting = new AtomicInteger();
    private CompletableFuture<Void> lastTurn = CompletableFuture.completedFuture(null);
    private volatile boolean closed;

    Link(Subscriber subscriber) {
        this.subscriber = subscriber;
    }

    Subscriber subscriber() {
        return subscriber;
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Keeps a place for a subscription.
     *
     * @param most channels at most
     * @return the new subscription; empty when there is one already
     */
    synchronized Optional<Subscription> reserve(String channel, int most) {
        if (closed) {
            throw gone();
        }
        if (subscriptions.containsKey(channel)) {
            return Optional.empty();
        }
        if (subscriptions.size() >= most) {
            throw new ChannelException(
                    Reason.LIMIT_EXCEEDED, "A connection may be subscribed to " + most + " channels at most.");
        }
        Subscription made = new Subscription(this, channel);
        subscriptions.put(channel, made);
        return Optional.of(made);
    }

    synchronized Optional<Subscription> find(String channel) {
        return Optional.ofNullable(subscriptions.get(channel));
    }

    synchronized List<Subscription> all() {
        return new ArrayList<>(subscriptions.values());
    }

    synchronized int count() {
        return subscriptions.size();
    }

    synchronized void release(Subscription subscription) {
        subscriptions.remove(subscription.channel(), subscription);
    }

    /** From now on it hears nothing and can subscribe to nothing. Returns what it was subscribed to. */
    synchronized List<Subscription> close() {
        closed = true;
        List<Subscription> all = all();
        subscriptions.clear();
        return all;
    }

    /**
     * Publishes when it may, in the order of the calls, however long it takes to find out.
     *
     * @param characters of its data: what waits is bounded
     * @param allowed completes when it may, and fails when not
     */
    CompletionStage<Position> inTurn(
            int characters, CompletableFuture<?> allowed, Supplier<CompletionStage<Position>> publish) {
        int weight = LEAST + characters;
        CompletableFuture<Void> turn = new CompletableFuture<>();
        CompletableFuture<Void> before = queue(weight, turn);
        // Not under the lock: a broker may deliver at once.
        CompletableFuture<CompletionStage<Position>> called =
                before.thenCompose(done -> allowed).thenApply(ok -> publish.get());
        CompletionStage<?> over = called;
        over.whenComplete((stage, error) -> {
            waiting.addAndGet(-weight);
            turn.complete(null);
        });
        return called.thenCompose(published -> published);
    }

    private CompletableFuture<Void> queue(int weight, CompletableFuture<Void> turn) {
        if (waiting.addAndGet(weight) > WAITING_MOST) {
            waiting.addAndGet(-weight);
            throw new ChannelException(Reason.TOO_MANY_REQUESTS, "Too much waits to be published already.");
        }
        synchronized (this) {
            CompletableFuture<Void> before = lastTurn;
            lastTurn = turn;
            return before;
        }
    }

    static ChannelException gone() {
        return new ChannelException(Reason.NOT_AVAILABLE, "The connection has gone.");
    }
}
