package dev.sluice.broker.local;

import dev.sluice.broker.Feed;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Signal;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One feed of the broker in memory. Signals have a thread of their own, so that an answer to a signal is not handed in
 * within it; publications come by the threads that publish. Thread-safe; closed once.
 */
final class LocalNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalNode.class);
    private static final int MOST_SIGNALS = 10_000;

    private final Feed feed;
    private final BlockingQueue<Signal> signals = new ArrayBlockingQueue<>(MOST_SIGNALS);
    private final Thread thread;

    LocalNode(Feed feed) {
        this.feed = feed;
        thread = new Thread(this::hand, "sluice-local-signals");
        thread.setDaemon(true);
        thread.start();
    }

    void publication(Publication publication) {
        try {
            feed.publication(publication);
        } catch (RuntimeException e) {
            LOG.error("A publication of {} could not be handed in", publication.channel(), e);
        }
    }

    /** Answers whether there was room for it. */
    boolean signal(Signal signal) {
        return signals.offer(signal);
    }

    private void hand() {
        try {
            while (true) {
                hand(signals.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void hand(Signal signal) {
        try {
            feed.signal(signal);
        } catch (RuntimeException e) {
            LOG.error("A signal could not be handed in", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
