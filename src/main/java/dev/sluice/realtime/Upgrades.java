package dev.sluice.realtime;

import dev.sluice.settings.RealtimeSettings;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.util.Iterator;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The sockets that the container has upgraded, until it lets them go: each holds a file, also one that was refused, or that
 * is closed and whose peer does not answer that. So they have a limit of their own above that of the connections.
 * Thread-safe; {@link #sweep swept} a few times in a second.
 */
final class Upgrades {
    /** How much room is above the limit of the connections, for those that are told that there is none: a tenth. */
    private static final int PART = 10;

    private static final int LEAST_ROOM = 10;

    /** Tomcat looks every ten seconds whose time to answer a close frame is over. */
    private static final long CONTAINER_LOOKS_MILLIS = 11_000;

    private final int most;
    private final LongSupplier ticks;
    private final Optional<GatheredWrites> container;
    private final AtomicInteger count = new AtomicInteger();
    private final Queue<Leaving> leaving = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();

    /**
     * @param ticks milliseconds
     * @param container where it can be asked whether it has let a socket go; else its time-outs tell
     */
    Upgrades(RealtimeSettings settings, LongSupplier ticks, Optional<GatheredWrites> container) {
        int connections = settings.maxConnections();
        this.most = connections + Math.max(LEAST_ROOM, connections / PART);
        this.ticks = ticks;
        this.container = container;
    }

    /**
     * A socket whose close was said.
     *
     * @param until when the container has let it go at the latest
     */
    private record Leaving(BooleanSupplier letGo, long until) {
        boolean isGone(long now) {
            return letGo.getAsBoolean() || now >= until;
        }
    }

    int most() {
        return most;
    }

    int count() {
        return count.get();
    }

    /** Whether even refusing politely has become too much; who is gone by now does not count. */
    boolean isFull() {
        if (count.get() < most) {
            return false;
        }
        sweep();
        return count.get() >= most;
    }

    /** The container has upgraded one more; it is to be {@link #close closed} once, whoever closes it first. */
    void opened() {
        count.incrementAndGet();
    }

    /**
     * Closes a session. One that its peer has closed before is gone at that; the others count until their peers answer.
     *
     * @param millis how long the close frame may take to leave
     */
    void close(Session session, CloseReason reason, long millis) {
        Optional<Leaving> here = leaving(session);
        SocketWire.close(session, reason, millis);
        here.ifPresentOrElse(leaving::add, count::decrementAndGet);
    }

    /** Notes who is gone meanwhile, unless another thread is about it. */
    void sweep() {
        if (sweeping.compareAndSet(false, true)) {
            try {
                forgetGone(ticks.getAsLong());
            } finally {
                sweeping.set(false);
            }
        }
    }

    private void forgetGone(long now) {
        for (Iterator<Leaving> all = leaving.iterator(); all.hasNext(); ) {
            if (all.next().isGone(now)) {
                all.remove();
                count.decrementAndGet();
            }
        }
    }

    private Optional<Leaving> leaving(Session session) {
        if (!session.isOpen()) {
            return Optional.empty();
        }
        try {
            BooleanSupplier letGo =
                    container.flatMap(tomcat -> tomcat.letsGo(session)).orElse(() -> false);
            return Optional.of(
                    new Leaving(letGo, ticks.getAsLong() + SocketWire.ANSWER_MILLIS + CONTAINER_LOOKS_MILLIS));
        } catch (IllegalStateException e) {
            // Its peer has closed it at this moment.
            return Optional.empty();
        }
    }
}
