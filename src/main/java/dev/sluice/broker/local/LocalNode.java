package dev.sluice.broker.local;

import dev.sluice.broker.Feed;
import dev.sluice.broker.Publication;
import dev.sluice.broker.Signal;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One feed of the broker in memory. Signals have a thread of their own, so that an answer to a signal is not handed in
 * within it; publications come by the threads that publish. Thread-safe; closed once.
 */
final class LocalNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalNode.class);
    private static final int MOST_SIGNALS = 10_000;
    /** The feed is told of a loss again, if that has failed. */
    private static final Duration AGAIN = Duration.ofSeconds(1);
    /** Is no signal: the thread looks whether something was missed. */
    private static final Signal WAKE = new Signal("", "", "", "");

    private final Feed feed;
    private final BlockingQueue<Signal> signals = new ArrayBlockingQueue<>(MOST_SIGNALS);
    private final Thread thread;
    /** Whether the feed is still to be told that it may have missed something. */
    private volatile boolean missed;

    private volatile boolean closed;

    LocalNode(Feed feed) {
        this.feed = feed;
        thread = new Thread(this::hand, "sluice-local-signals");
        thread.setDaemon(true);
        thread.start();
    }

    /** The thread of the signals tells of what fails: this one has the lock of some channels and must not ask for others. */
    void publication(Publication publication) {
        try {
            feed.publication(publication);
        } catch (RuntimeException | Error e) {
            missed = true;
            // Where there is no room there is something that wakes it.
            var unused = signals.offer(WAKE);
            LOG.error("A publication of {} could not be handed in", publication.channel(), e);
        }
    }

    /** Answers whether there was room for it. */
    boolean signal(Signal signal) {
        return signals.offer(signal);
    }

    private void hand() {
        while (!closed) {
            try {
                Signal next = missed ? signals.poll(AGAIN.toMillis(), TimeUnit.MILLISECONDS) : signals.take();
                tellLoss();
                if (next != null && !next.equals(WAKE)) {
                    feed.signal(next);
                }
            } catch (InterruptedException e) {
                LOG.debug("Interrupted", e);
            } catch (RuntimeException | Error e) {
                LOG.error("A signal could not be handed in", e);
            }
        }
    }

    private void tellLoss() {
        if (missed) {
            missed = false;
            boolean told = false;
            try {
                feed.lost();
                told = true;
            } finally {
                if (!told) {
                    missed = true;
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
