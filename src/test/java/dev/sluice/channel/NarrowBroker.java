package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Signal;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** A broker that holds few signals until a test has them told. Thread-safe. */
final class NarrowBroker implements Broker {
    private final Broker broker;
    private final BlockingQueue<Signal> waiting;
    private final AtomicInteger lost = new AtomicInteger();

    NarrowBroker(Broker broker, int most) {
        this.broker = broker;
        this.waiting = new ArrayBlockingQueue<>(most);
    }

    void tellAll() {
        for (Signal next = waiting.poll(); next != null; next = waiting.poll()) {
            broker.signal(next);
        }
    }

    int waiting() {
        return waiting.size();
    }

    int lost() {
        return lost.get();
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
        return broker.history(channel, query);
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
        if (!waiting.offer(signal)) {
            lost.incrementAndGet();
        }
    }

    @Override
    public void close() {
        broker.close();
    }
}
