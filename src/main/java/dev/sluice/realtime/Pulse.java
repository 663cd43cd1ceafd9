package dev.sluice.realtime;

import org.jspecify.annotations.Nullable;

/**
 * A connection's place in the wheel; lets go of the connection when that has ended, because the wheel keeps it until its
 * time has come. Thread-safe.
 */
final class Pulse implements Wheel.Sleeper {
    private final Wheel wheel;
    private volatile @Nullable Connection connection;
    private volatile long tick = Long.MAX_VALUE;

    Pulse(Wheel wheel, Connection connection) {
        this.wheel = wheel;
        this.connection = connection;
    }

    /** Wakes it then, or sooner when it is due sooner. */
    synchronized void wakeBy(long nowMillis, long dueMillis) {
        long wanted = Wheel.tickOf(nowMillis, dueMillis);
        if (wanted < tick && connection != null) {
            tick = wanted;
            wheel.schedule(this, wanted);
        }
    }

    void stop() {
        connection = null;
    }

    @Override
    public long tick() {
        return tick;
    }

    @Override
    public void wake(long nowMillis) {
        tick = Long.MAX_VALUE;
        Connection woken = connection;
        if (woken != null) {
            woken.wake(nowMillis);
        }
    }
}
