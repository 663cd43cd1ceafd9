package dev.sluice.realtime.centrifugo;

import dev.sluice.flow.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds back what is to be sent until a connection is told that it is one; from then on it only passes it on. Thread-safe.
 */
final class Outlet {
    /** Frames held back at most: connections begin within seconds, or not at all. */
    static final int HELD_MOST = 4096;

    private final Consumer<Frame> target;
    private final Runnable overflow;
    /** Null once it is open. */
    private volatile @Nullable List<Frame> held = new ArrayList<>(0);

    /** @param overflow called when one had to be dropped: the connection has to end */
    Outlet(Consumer<Frame> target, Runnable overflow) {
        this.target = target;
        this.overflow = overflow;
    }

    void send(Frame frame) {
        // An empty text stands for what has no form here.
        if (frame.bytes() > 0 && !isHeld(frame)) {
            target.accept(frame);
        }
    }

    /** Sends this first, then what was held back, and holds nothing back any more. */
    synchronized void open(Frame first) {
        List<Frame> waiting = held;
        target.accept(first);
        if (waiting != null) {
            waiting.forEach(target);
        }
        held = null;
    }

    private boolean isHeld(Frame frame) {
        if (held == null) {
            return false;
        }
        synchronized (this) {
            List<Frame> waiting = held;
            if (waiting == null) {
                return false;
            }
            if (waiting.size() < HELD_MOST) {
                waiting.add(frame);
            } else {
                overflow.run();
            }
            return true;
        }
    }
}
