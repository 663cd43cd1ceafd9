package dev.sluice.broker.local;

import dev.sluice.broker.Broker;
import dev.sluice.broker.BrokerException;
import dev.sluice.broker.BrokerException.Reason;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Signal;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The broker of one process: nothing outlives it. Several nodes of one process share their {@link LocalStreams}.
 *
 * <p>A publication is handed to the feeds by the thread that publishes, under a lock that the publishers of its channel
 * share: nothing is queued, and who publishes faster than the hubs can take it waits. So a feed must not publish.
 */
public final class LocalBroker implements Broker {
    private final LocalStreams streams;
    private volatile Optional<LocalNode> node = Optional.empty();
    private volatile boolean closed;

    public LocalBroker(LocalStreams streams) {
        this.streams = streams;
    }

    @Override
    public synchronized void start(Feed feed) {
        if (closed || node.isPresent()) {
            throw new IllegalStateException("a broker is started once");
        }
        LocalNode started = new LocalNode(feed);
        node = Optional.of(started);
        streams.join(started);
    }

    @Override
    public CompletionStage<Position> publish(Draft draft) {
        return answer(() -> streams.publish(draft));
    }

    @Override
    public CompletionStage<History> history(String channel, History.Query query) {
        return answer(() -> streams.history(channel, query));
    }

    @Override
    public CompletionStage<Void> forget(String channel) {
        return answer(() -> {
                    streams.forget(channel);
                    return true;
                })
                .thenAccept(done -> {});
    }

    @Override
    public CompletionStage<Boolean> replace(String channel, long offset, String data) {
        return answer(() -> streams.replace(channel, offset, data));
    }

    @Override
    public void signal(Signal signal) {
        if (isOpen()) {
            streams.signal(signal);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        node.ifPresent(started -> {
            streams.leave(started);
            started.close();
        });
    }

    private boolean isOpen() {
        return !closed && node.isPresent();
    }

    private <T> CompletionStage<T> answer(Supplier<T> work) {
        if (!isOpen()) {
            return CompletableFuture.failedFuture(new BrokerException(Reason.UNAVAILABLE, "the broker is closed"));
        }
        try {
            return CompletableFuture.completedFuture(work.get());
        } catch (BrokerException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
