package dev.sluice.realtime;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One timer for all connections: a hashed wheel. A connection says when it wants to be woken, and is then, a tick late
 * at most; sooner too, for times beyond the wheel. Scheduling is thread-safe and costs nothing that grows with the number
 * of connections; one thread at a time {@link #advance advances}.
 */
final class Wheel {
    static final long TICK_MILLIS = 200;

    private static final Logger LOG = LoggerFactory.getLogger(Wheel.class);
    private static final int SLOTS = 512;

    private final Queue<Sleeper>[] slots;
    private volatile long advancedTo;

    /** Something that is woken. */
    interface Sleeper {
        /** The tick for which it is scheduled; other entries of it are stale. */
        long tick();

        /** Its time has come; it may schedule itself again. */
        void wake(long nowMillis);
    }

    Wheel(long nowMillis) {
        this.slots = slots();
        this.advancedTo = nowMillis / TICK_MILLIS;
    }

    /** The tick at which something that is due then, or after the end of the wheel, is woken. */
    static long tickOf(long nowMillis, long dueMillis) {
        long now = nowMillis / TICK_MILLIS;
        long due = (dueMillis + TICK_MILLIS - 1) / TICK_MILLIS;
        return Math.min(Math.max(due, now + 1), now + SLOTS - 2);
    }

    /** Puts it where {@link Sleeper#tick} says; once more when that passes at this moment, which does no harm. */
    void schedule(Sleeper sleeper, long tick) {
        long at = tick;
        do {
            at = Math.max(at, advancedTo + 1);
            slots[(int) (at % SLOTS)].add(sleeper);
        } while (advancedTo >= at);
    }

    /** Wakes whatever is due. */
    void advance(long nowMillis) {
        long now = nowMillis / TICK_MILLIS;
        // After a long pause each slot once: what is due is in one of them.
        for (long tick = Math.max(advancedTo, now - SLOTS) + 1; tick <= now; tick++) {
            advancedTo = tick;
            advance(slots[(int) (tick % SLOTS)], now, nowMillis);
        }
    }

    private static void advance(Queue<Sleeper> slot, long now, long nowMillis) {
        for (int i = slot.size(); i > 0; i--) {
            Sleeper sleeper = slot.poll();
            if (sleeper != null && sleeper.tick() <= now) {
                wake(sleeper, nowMillis);
            }
        }
    }

    /** Whatever one does, the others have to be woken. */
    private static void wake(Sleeper sleeper, long nowMillis) {
        try {
            sleeper.wake(nowMillis);
        } catch (RuntimeException e) {
            LOG.error("A connection could not be looked after", e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Queue<Sleeper>[] slots() {
        return IntStream.range(0, SLOTS)
                .mapToObj(i -> new ConcurrentLinkedQueue<Sleeper>())
                .toArray(Queue[]::new);
    }
}
