package dev.sluice.channel;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread does soon. Stateless. */
final class Eventually {
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Eventually() {}

    static void await(BooleanSupplier condition) {
        eventually(() -> {
            if (!condition.getAsBoolean()) {
                throw new AssertionError("not yet");
            }
        });
    }

    /** Waits until an assertion holds. */
    static void eventually(Runnable assertion) {
        long end = System.nanoTime() + MOST_NANOS;
        while (true) {
            try {
                assertion.run();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
            LockSupport.parkNanos(500_000);
        }
    }
}
