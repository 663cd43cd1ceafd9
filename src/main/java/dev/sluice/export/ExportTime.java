package dev.sluice.export;

import java.util.EnumMap;
import java.util.Map;

/** Tells what an export spent its time on. Thread-safe. */
final class ExportTime {
    /** What an export waits for. */
    enum Phase {
        /** Its turn. */
        QUEUE,
        /** The database, the encoding of rows included. */
        DATABASE,
        /** The client. */
        CLIENT;

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
    private Phase phase = Phase.QUEUE;
    private long since = System.nanoTime();

    /** From now on it is this phase's time. */
    synchronized void in(Phase next) {
        long now = System.nanoTime();
        nanos.merge(phase, now - since, Long::sum);
        phase = next;
        since = now;
    }

    synchronized double seconds(Phase of) {
        return nanos.getOrDefault(of, 0L) / 1e9;
    }
}
