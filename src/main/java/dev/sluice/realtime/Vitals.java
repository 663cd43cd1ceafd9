package dev.sluice.realtime;

import dev.sluice.settings.RealtimeSettings;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/**
 * Whether a client gives signs of life. Any thread tells that one {@link #heard came}; all else is for the timer's thread
 * alone.
 */
final class Vitals {
    private final RealtimeSettings settings;
    private volatile long lastHeard;
    private long lastTaken;
    /** When a sign was asked for that has not come, 0 without one. */
    private long askedAt;
    /** Whether the question had not left when the answer was due. */
    private boolean asksLate;

    private long nextAt;

    /**
     * The first question comes at a time of its own, so that not all connections are asked at once, and not right at the
     * beginning: a client that is not connected yet, as its protocol understands that, need not answer.
     */
    Vitals(RealtimeSettings settings, long now) {
        this.settings = settings;
        this.lastHeard = now;
        long half = settings.heartbeat().toMillis() / 2;
        this.nextAt = now + half + 1 + ThreadLocalRandom.current().nextLong(Math.max(1, half));
    }

    void heard(long now) {
        lastHeard = now;
    }

    /** That it took what it had let wait is a sign as well: its answer may be behind much else. */
    void took(long at) {
        lastTaken = at;
    }

    /** Whether it is time to ask; then it counts as asked. */
    boolean asks(long now) {
        if (askedAt != 0 && Math.max(lastHeard, lastTaken) >= askedAt) {
            askedAt = 0;
            asksLate = false;
        }
        boolean asks = askedAt == 0 && now >= nextAt;
        if (asks) {
            askedAt = now;
            nextAt = now + settings.heartbeat().toMillis();
        }
        return asks;
    }

    /**
     * Whether the answer is overdue. As long as the question waits behind other things, and once more then, because it has
     * left at any time since the last look, the answer has its time anew.
     */
    boolean isDead(long now, BooleanSupplier questionWaits) {
        if (askedAt == 0 || now - askedAt < settings.pongTimeout().toMillis()) {
            return false;
        }
        boolean waited = asksLate;
        asksLate = questionWaits.getAsBoolean();
        if (asksLate || waited) {
            askedAt = now;
            return false;
        }
        return true;
    }

    /** When to look again: what was asked may have been answered when it is time to ask once more. */
    long next(long now) {
        long overdue = askedAt + settings.pongTimeout().toMillis();
        if (askedAt == 0) {
            return nextAt;
        }
        return nextAt > now ? Math.min(nextAt, overdue) : overdue;
    }
}
