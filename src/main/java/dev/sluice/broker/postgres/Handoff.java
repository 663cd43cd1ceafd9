package dev.sluice.broker.postgres;

import dev.sluice.broker.Feed;
import dev.sluice.broker.Position;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Retention;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands rows of the stream to the feed and answers the publishes they came from, by a thread of its own, so that the
 * next batch is in the database meanwhile. Bounded: who offers more waits. Thread-safe; started and closed once.
 */
final class Handoff implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Handoff.class);
    private static final int MOST_BATCHES = 4;

    private static final Duration CLOSING = Duration.ofSeconds(1);
    /** The feed is told of a loss again, if that has failed. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Feed feed;
    private final Waiting waiting;
    private final Function<String, Retention> retention;
    private final BrokerMetrics metrics;
    private final BlockingQueue<Runnable> batches = new ArrayBlockingQueue<>(MOST_BATCHES);
    private final Thread thread = new Thread(this::run, "sluice-feed");
    private volatile boolean closed;
    /** Whether the feed is still to be told that it may have missed something. Of the thread alone. */
    private boolean missed;

    Handoff(Feed feed, Waiting waiting, Function<String, Retention> retention, BrokerMetrics metrics) {
        this.feed = feed;
        this.waiting = waiting;
        this.retention = retention;
        this.metrics = metrics;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Rows for the feed, and publishes that are answered by them. */
    void rows(List<Row> rows) {
        offer(() -> rows.forEach(this::hand));
    }

    /** Answers publishes that are duplicates: the places of the first ones by their tokens. */
    void duplicates(Map<Long, Position> places) {
        offer(() -> places.forEach(this::answer));
    }

    /** The feed may have missed something. */
    void lost() {
        offer(() -> missed = true);
    }

    /** Waits until what was offered before is handed in, and the publishes it answers are known to be answered. */
    void settle() {
        CountDownLatch done = new CountDownLatch(1);
        offer(done::countDown);
        try {
            boolean isDone = false;
            while (!isDone && !closed) {
                isDone = done.await(100, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void offer(Runnable batch) {
        try {
            boolean taken = false;
            while (!taken && !closed) {
                taken = batches.offer(batch, 100, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Only its close is the end of it: whoever offers to a thread that has ended waits for ever. */
    private void run() {
        while (!closed) {
            try {
                Optional<Runnable> batch = Optional.ofNullable(batches.poll(AGAIN.toMillis(), TimeUnit.MILLISECONDS));
                batch.ifPresent(Runnable::run);
                tellLoss();
            } catch (InterruptedException e) {
                LOG.debug("Interrupted", e);
            } catch (RuntimeException | Error e) {
                LOG.error("The feed failed", e);
            }
        }
    }

    private void hand(Row row) {
        Publication publication = visible(row.publication());
        hand(publication);
        if (row.token() != 0) {
            waiting.remove(row.token()).ifPresent(entry -> {
                metrics.published();
                entry.answer().complete(publication.position());
            });
        }
    }

    /** What cannot be handed in has its publisher answered all the same: it is in the stream. */
    private void hand(Publication publication) {
        try {
            tellLoss();
            feed.publication(publication);
        } catch (RuntimeException | Error e) {
            missed = true;
            LOG.error("A publication could not be handed in", e);
        }
    }

    private void tellLoss() {
        if (missed) {
            feed.lost();
            missed = false;
        }
    }

    private void answer(long token, Position place) {
        waiting.remove(token).ifPresent(entry -> {
            metrics.duplicate();
            entry.answer().complete(keeps(entry.draft().channel()) ? place : Position.NONE);
        });
    }

    /** What has no history has its place in the stream only on its way to the nodes. */
    private Publication visible(Publication row) {
        return keeps(row.channel())
                ? row
                : new Publication(row.channel(), Position.NONE, row.event(), row.data(), row.info(), row.time());
    }

    private boolean keeps(String channel) {
        return retention.apply(channel).keeps();
    }

    /** What was offered before is handed in, if that takes no second. Not to be called by the feed. */
    @Override
    public void close() {
        try {
            if (batches.offer(() -> closed = true, CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.join(CLOSING.toMillis());
            }
            closed = true;
            thread.interrupt();
            thread.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            closed = true;
            Thread.currentThread().interrupt();
        }
    }
}
