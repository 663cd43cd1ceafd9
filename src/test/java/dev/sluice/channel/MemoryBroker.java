package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.BrokerException;
import dev.sluice.broker.Draft;
import dev.sluice.broker.Feed;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Retention;
import dev.sluice.broker.Signal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A broker in memory whose every delay a test can choose: readings and feeds can be held, and steps be slowed down. Feeds
 * are told by whoever publishes, in order. Thread-safe.
 */
final class MemoryBroker implements Broker {
    private final Function<String, Retention> retention;
    private final Map<String, Stream> streams = new HashMap<>();
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> heldReadings = new ConcurrentLinkedQueue<>();
    private final AtomicInteger readings = new AtomicInteger();
    private final AtomicInteger signals = new AtomicInteger();
    private volatile boolean holdsReadings;
    private volatile boolean holdsFeeds;
    private volatile boolean isDown;
    private volatile Runnable delay = () -> {};

    private static final class Stream {
        String epoch = "e1";
        long top;
        final Deque<Publication> kept = new ArrayDeque<>();
    }

    /** What is on its way to one feed. */
    private final class Line {
        final Feed feed;
        final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
        final AtomicInteger pending = new AtomicInteger();

        Line(Feed feed) {
            this.feed = feed;
        }

        void drain() {
            if (holdsFeeds || pending.getAndIncrement() != 0) {
                return;
            }
            int seen = 1;
            do {
                for (Runnable next = poll(); next != null; next = poll()) {
                    delay.run();
                    next.run();
                }
                seen = pending.addAndGet(-seen);
            } while (seen != 0);
        }

        private @Nullable Runnable poll() {
            return holdsFeeds ? null : queue.poll();
        }

        void awaitDrained() {
            while (awaitsFeeds && !holdsFeeds && pending.get() != 0) {
                Thread.onSpinWait();
            }
        }
    }

    /** Who publishes comes back when all have heard it, unless a test wants to see what happens otherwise. */
    private volatile boolean awaitsFeeds = true;

    MemoryBroker(Function<String, Retention> retention) {
        this.retention = retention;
    }

    /** Every step takes as long as this from now on, and nobody waits for the feeds. */
    void slowDown(Runnable step) {
        delay = step;
        awaitsFeeds = false;
    }

    void goDown(boolean down) {
        isDown = down;
    }

    /** Readings see what is there when they are asked for, and say so when they are released. */
    void holdReadings() {
        holdsReadings = true;
    }

    void releaseReadings() {
        holdsReadings = false;
        for (Runnable held = heldReadings.poll(); held != null; held = heldReadings.poll()) {
            held.run();
        }
    }

    void releaseOneReading() {
        Runnable held = heldReadings.poll();
        if (held != null) {
            held.run();
        }
    }

    int heldReadings() {
        return heldReadings.size();
    }

    int readings() {
        return readings.get();
    }

    int signals() {
        return signals.get();
    }

    /** Tells the feeds that they may have missed something. */
    void tellLoss() {
        lines.forEach(line -> line.feed.lost());
    }

    void holdFeeds() {
        holdsFeeds = true;
    }

    void releaseFeeds() {
        holdsFeeds = false;
        lines.forEach(Line::drain);
        lines.forEach(Line::awaitDrained);
    }

    /** The stream is made anew, as after a loss of the database. */
    synchronized void recreate(String channel, String epoch) {
        Stream stream = new Stream();
        stream.epoch = epoch;
        streams.put(channel, stream);
    }

    /** A publication that no feed hears of. */
    synchronized void publishUnheard(String channel, String data) {
        append(new Draft(channel, data));
    }

    @Override
    public void start(Feed feed) {
        lines.add(new Line(feed));
    }

    @Override
    public CompletionStage<Position> publish(Draft draft) {
        if (isDown) {
            return CompletableFuture.failedFuture(new BrokerException(BrokerException.Reason.UNAVAILABLE, "down"));
        }
        Position position;
        synchronized (this) {
            Publication publication = append(draft);
            position = publication.position();
            lines.forEach(line -> line.queue.add(() -> line.feed.publication(publication)));
        }
        delay.run();
        lines.forEach(Line::drain);
        lines.forEach(Line::awaitDrained);
        return CompletableFuture.completedFuture(position);
    }

    private Publication append(Draft draft) {
        Retention kept = retention.apply(draft.channel());
        Stream stream = streams.computeIfAbsent(draft.channel(), name -> new Stream());
        Position position = kept.keeps() ? new Position(stream.epoch, ++stream.top) : Position.NONE;
        Publication publication =
                new Publication(draft.channel(), position, draft.event(), draft.data(), draft.info(), 0);
        if (kept.keeps()) {
            stream.kept.add(publication);
            while (stream.kept.size() > kept.size()) {
                stream.kept.remove();
            }
        }
        return publication;
    }

    @Override
    public CompletionStage<History> history(String channel, History.Query query) {
        readings.incrementAndGet();
        if (isDown) {
            return CompletableFuture.failedFuture(new BrokerException(BrokerException.Reason.UNAVAILABLE, "down"));
        }
        delay.run();
        History history = read(channel, query);
        delay.run();
        if (!holdsReadings) {
            return CompletableFuture.completedFuture(history);
        }
        CompletableFuture<History> held = new CompletableFuture<>();
        heldReadings.add(() -> held.complete(history));
        return held;
    }

    private synchronized History read(String channel, History.Query query) {
        Stream stream = streams.computeIfAbsent(channel, name -> new Stream());
        List<Publication> all = new ArrayList<>(stream.kept);
        if (query.after() >= 0) {
            all.removeIf(one -> query.reverse()
                    ? one.position().offset() >= query.after()
                    : one.position().offset() <= query.after());
        }
        if (query.reverse()) {
            Collections.reverse(all);
        }
        return new History(new Position(stream.epoch, stream.top), all.subList(0, Math.min(query.limit(), all.size())));
    }

    @Override
    public synchronized CompletionStage<Void> forget(String channel) {
        streams.computeIfAbsent(channel, name -> new Stream()).kept.clear();
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletionStage<Boolean> replace(String channel, long offset, String data) {
        Deque<Publication> kept = streams.computeIfAbsent(channel, name -> new Stream()).kept;
        List<Publication> all = new ArrayList<>(kept);
        all.replaceAll(one -> one.position().offset() == offset
                ? new Publication(channel, one.position(), one.event(), data, one.info(), 0)
                : one);
        boolean isThere = all.stream().anyMatch(one -> one.position().offset() == offset);
        kept.clear();
        kept.addAll(all);
        return CompletableFuture.completedFuture(isThere);
    }

    @Override
    public void signal(Signal signal) {
        signals.incrementAndGet();
        synchronized (this) {
            lines.forEach(line -> line.queue.add(() -> line.feed.signal(signal)));
        }
        lines.forEach(Line::drain);
    }

    @Override
    public void close() {}
}
