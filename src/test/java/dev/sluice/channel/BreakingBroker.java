package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Signal;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A broker for signals alone; what becomes of them is for the test to say. Immutable. */
record BreakingBroker(Consumer<Signal> signals) implements Broker {
    @Override
    public void start(Feed feed) {}

    @Override
    public CompletionStage<Position> publish(Draft draft) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<History> history(String channel, History.Query query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> forget(String channel) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Boolean> replace(String channel, long offset, String data) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void signal(Signal signal) {
        signals.accept(signal);
    }

    @Override
    public void close() {}
}
