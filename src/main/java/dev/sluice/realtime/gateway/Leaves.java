package dev.sluice.realtime.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * Tells that people are gone who did not say so. That costs a message to each who is left, and thousands may go at once:
 * so it has a thread of its own, on which no place waits to be free, and only so many are told that this is a million
 * messages in a second. Of the others nobody is told later: they may be back by then. Thread-safe; closed once, after the
 * connections.
 */
final class Leaves implements AutoCloseable {
    /** That wait, or were told just now. */
    private static final int MOST = 100;

    /** With as many, a hundred leaves in a second are a million messages; with a tenth of them, a thousand are. */
    private static final int MEMBERS_PER_MILLI = 10;

    private final ToIntFunction<String> teller;
    private final Semaphore room = new Semaphore(MOST);
    private final Counter untold;
    /** What comes after the close is nobody's business any more. */
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, Leaves::thread, new ThreadPoolExecutor.DiscardPolicy());

    /** @param teller tells all that this user is gone, and answers how many these are */
    Leaves(ToIntFunction<String> teller, MeterRegistry metrics) {
        this.teller = teller;
        this.untold = Counter.builder("sluice.gateway.leaves.untold")
                .description("People who broke off from the gateway among too many for all to be told")
                .register(metrics);
    }

    /** Somebody is gone. Does not block. */
    void gone(String user) {
        if (room.tryAcquire()) {
            thread.execute(() -> tell(user));
        } else {
            untold.increment();
        }
    }

    private void tell(String user) {
        int members = 0;
        try {
            members = teller.applyAsInt(user);
        } finally {
            // From when it was told, and not from when it came: so those that wait are bounded, too.
            var unused = thread.schedule(() -> room.release(), members / MEMBERS_PER_MILLI, TimeUnit.MILLISECONDS);
        }
    }

    private static Thread thread(Runnable task) {
        Thread made = new Thread(task, "sluice-gateway-leaves");
        made.setDaemon(true);
        return made;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
