package dev.sluice.realtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Closes all connections when the node goes down, spread over a while in a random order: so many clients that come back
 * at once would be a burden to the other nodes. Has a thread of its own; closed once.
 */
final class SlowClose implements AutoCloseable {
    /** So many in a second, but never longer than {@link #LONGEST_MILLIS}. */
    private static final int PER_SECOND = 2000;

    private static final long LONGEST_MILLIS = 5000;
    private static final int SLICE_MILLIS = 50;

    private final SessionRegistry registry;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "sluice-drain-sockets");
        made.setDaemon(true);
        return made;
    });

    SlowClose(SessionRegistry registry) {
        this.registry = registry;
    }

    /** Begins; does not block. */
    void start() {
        List<Connection> connections = new ArrayList<>(registry.open());
        long spread = Math.min(LONGEST_MILLIS, 1000L * connections.size() / PER_SECOND);
        Collections.shuffle(connections, ThreadLocalRandom.current());
        int slices = (int) (spread / SLICE_MILLIS) + 1;
        int each = (connections.size() + slices - 1) / slices;
        for (int slice = 0; slice < slices; slice++) {
            int from = Math.min(slice * each, connections.size());
            List<Connection> some = connections.subList(from, Math.min(from + each, connections.size()));
            var unused = thread.schedule(
                    () -> some.forEach(connection -> connection.close(Ending.SHUTDOWN)),
                    (long) slice * SLICE_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Waits until there is no connection left. */
    void await(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        while (registry.count() > 0 && System.nanoTime() < until) {
            Thread.sleep(10);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
