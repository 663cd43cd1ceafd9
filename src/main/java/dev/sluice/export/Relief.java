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
 * {@code export.max-hold}. One that cannot be drained by then, because the spool is full, is cut.
 *
 * <p>Thread-safe; one for each node.
 */
final class Relief {
    /** A client that has kept an export waiting for less is not slow. */
    private static final long SLOW_MILLIS = 100;

    private final Admission admission;
    private final ExportSettings limits;
    private final InstantSource clock;
    private final Map<SpoolSource, Held> held = new ConcurrentHashMap<>();

    /** Since when an export has its connection, and what cuts it. */
    private record Held(long since, Runnable cut) {}

    Relief(Admission admission, ExportSettings limits, InstantSource clock) {
        this.admission = admission;
        this.limits = limits;
        this.clock = clock;
    }

    /** An export has its turn; {@code cut} ends it for want of room. */
    void began(SpoolSource export, Runnable cut) {
        held.put(export, new Held(clock.millis(), cut));
    }

    void ended(SpoolSource export) {
        held.remove(export);
    }

    /** To be called a few times in a second, and when an export begins to wait. */
    synchronized void sweep() {
        held.forEach(this::enforceMaxHold);
        long freeing = held.keySet().stream()
                .filter(export -> export.isDraining() && !export.waitsForRoom())
                .count();
        held.keySet().stream()
                .filter(export -> export.isDirect() && export.idleMillis() >= SLOW_MILLIS)
                .sorted(Comparator.comparing(SpoolSource::idleMillis).reversed())
                .limit(Math.max(0, admission.waiting() - freeing))
                .forEach(SpoolSource::spool);
    }

    private void enforceMaxHold(SpoolSource export, Held since) {
        if (clock.millis() - since.since() < limits.maxHold().toMillis()) {
            return;
        }
        boolean isStuck = export.waitsForRoom() || (export.isDirect() && !export.spool());
        if (isStuck) {
            since.cut().run();
        }
    }
}
