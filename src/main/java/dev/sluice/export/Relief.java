package dev.sluice.export;

import dev.sluice.flow.SpoolSource;
import dev.sluice.settings.ExportSettings;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Frees connections that slow clients hold. While exports wait for their turn, those that have waited for their clients
 * longest are drained into the spool, one for each that waits; and every export is once it has had its connection for
 * {@code export.max-hold}. One that cannot be drained by then, because the spool is full and its client has not read what
 * is there, is cut.
 *
 * <p>Only a few are drained at a time: a drain takes a processor, and many at once would all end late instead of some
 * soon. One that takes long (its result is large, or its database slow) frees nobody soon, and so another may begin.
 *
 * <p>Thread-safe; one for each node.
 */
final class Relief {
    /** A client that has kept an export waiting for less is not slow. */
    private static final long SLOW_MILLIS = 100;
    /** A drain that has not ended by then may take any time. */
    private static final long SOON_MILLIS = 1_000;

    private final Admission admission;
    private final ExportSettings limits;
    private final InstantSource clock;
    private final int atOnce;
    private final Map<SpoolSource, Held> held = new ConcurrentHashMap<>();

    /** Since when an export has its connection, and what cuts it. */
    private record Held(long since, Runnable cut) {}

    /** @param atOnce drains that may be expected to end soon */
    Relief(Admission admission, ExportSettings limits, InstantSource clock, int atOnce) {
        this.admission = admission;
        this.limits = limits;
        this.clock = clock;
        this.atOnce = atOnce;
    }

    /** An export has its turn; {@code cut} ends it for want of room. */
    void began(SpoolSource export, Runnable cut) {
        held.put(export, new Held(clock.millis(), cut));
    }

    void ended(SpoolSource export) {
        held.remove(export);
    }

    /** To be called a few times in a second, when an export begins to wait, and when a connection is free again. */
    synchronized void sweep() {
        held.forEach(this::enforceMaxHold);
        long freeing = held.keySet().stream().filter(Relief::endsSoon).count();
        long wanted = Math.min(admission.waiting(), atOnce);
        held.keySet().stream()
                .filter(export -> export.isDirect() && export.idleMillis() >= SLOW_MILLIS)
                .sorted(Comparator.comparing(SpoolSource::idleMillis).reversed())
                .limit(Math.max(0, wanted - freeing))
                .forEach(SpoolSource::spool);
    }

    private static boolean endsSoon(SpoolSource export) {
        return export.isDraining() && !export.waitsForRoom() && export.drainMillis() < SOON_MILLIS;
    }

    private void enforceMaxHold(SpoolSource export, Held since) {
        if (clock.millis() - since.since() < limits.maxHold().toMillis()) {
            return;
        }
        boolean hasNoRoom = export.waitsForRoom() || (export.isDirect() && !export.spool());
        if (hasNoRoom && export.idleMillisNow() >= SLOW_MILLIS) {
            since.cut().run();
        }
    }
}
