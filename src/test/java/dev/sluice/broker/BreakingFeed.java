package dev.sluice.broker;

import java.util.concurrent.atomic.AtomicInteger;

/** A feed that fails with an error as often as a test wants, and then writes down what it is handed. Thread-safe. */
public final class BreakingFeed implements Feed {
    public final AtomicInteger publications = new AtomicInteger();
    public final AtomicInteger signals = new AtomicInteger();
    public final AtomicInteger losses = new AtomicInteger();
    public final Recorder recorder = new Recorder();

    @Override
    public void publication(Publication publication) {
        breakIf(publications);
        recorder.publication(publication);
    }

    @Override
    public void signal(Signal signal) {
        breakIf(signals);
        recorder.signal(signal);
    }

    @Override
    public void lost() {
        breakIf(losses);
        recorder.lost();
    }

    private static void breakIf(AtomicInteger times) {
        if (times.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new OutOfMemoryError("in a test");
        }
    }
}
