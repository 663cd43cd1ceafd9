package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Signal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A broker whose readings are counted, and begin when they are let go. Thread-safe. */
final class CountingBroker implements Broker {
    private final Broker broker;
    private final CompletableFuture<Void> gate = new CompletableFuture<>();
    private final AtomicInteger readings = new AtomicInteger();

    CountingBroker(Broker broker) {
        this.broker = broker;
    }

    void letGo() {
        gate.complete(null);
    }

    int readings() {
        return readings.get();
    }

    @Override
    public void start(Feed feed) {
        broker.start(feed);
    }

    @Override
    public CompletionStage<Position> publish(Draft draft) {
        return broker.publish(draft);
    }

    @Override
    public CompletionStage<History> history(String channel, History.Query query) {
        readings.incrementAndGet();
        return gate.thenCompose(open -> broker.history(channel, query));
    }

    @Override
    public CompletionStage<Void> forget(String channel) {
        return broker.forget(channel);
    }

    @Override
    public CompletionStage<Boolean> replace(String channel, long offset, String data) {
        return broker.replace(channel, offset, data);
    }

    @Override
    public void signal(Signal signal) {
        broker.signal(signal);
    }

    @Override
    public void close() {
        broker.close();
    }
}
