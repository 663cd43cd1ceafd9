package dev.sluice.channel;

import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tells the nodes of one relay who is here, a share at a time: brokers hold some ten thousand signals, and of more at once
 * the same ones would be lost each time, until others take their members for gone. Thread-safe; holds no lock while it is
 * {@link #sweep swept}.
 */
final class Announcing {
    /** Signals of a share: a fraction of what a broker holds. */
    static final int SHARE = 1_000;
    /** However many channels there are, so many shares are all; swept five times in a second that takes ten of them. */
    private static final int SHARES = 50;

    private final Hub hub;
    private final Relay relay;
    private final AtomicBoolean asked = new AtomicBoolean();

    private Iterator<Topic> left = Collections.emptyIterator();
    /** Whether all are to be told once more, from the first one on: somebody has missed the beginning. */
    private boolean again;

    private volatile boolean underWay;

    Announcing(Hub hub, Relay relay) {
        this.hub = hub;
        this.relay = relay;
    }

    /** Tells all: the first share now, the others as it is swept. What is under way comes to its end before. */
    synchronized void begin() {
        again = true;
        if (!underWay) {
            tellShare();
        }
    }

    /** Has the next share told, if any is left; to be called several times a second. */
    void sweep(Executor executor) {
        if (underWay && asked.compareAndSet(false, true)) {
            executor.execute(this::goOn);
        }
    }

    private void goOn() {
        try {
            synchronized (this) {
                tellShare();
            }
        } finally {
            asked.set(false);
        }
    }

    private void tellShare() {
        underWay = true;
        if (!left.hasNext() && again) {
            again = false;
            left = hub.topics().iterator();
        }
        int least = hub.channels() / SHARES;
        int signals = 0;
        for (int topics = 0; left.hasNext() && (signals < SHARE || topics < least); topics++) {
            signals += announce(left.next());
        }
        underWay = again || left.hasNext();
    }

    private int announce(Topic topic) {
        AtomicInteger signals = new AtomicInteger();
        if (topic.namespace().relay().equals(relay)) {
            hub.inTopic(topic, known -> signals.set(known.attendance().announce()));
        }
        return signals.get();
    }
}
