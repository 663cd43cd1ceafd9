package dev.sluice.broker.postgres;

/**
 * Which transactions a statement saw as over: all below {@code xmax} but those of {@code xip}. What is committed after
 * it has one of {@code xip}, or {@code xmax} or more. Immutable.
 *
 * @param xmax as PostgreSQL writes an {@code xid8}
 * @param xip as PostgreSQL writes an array of them
 */
record Snapshot(String xmax, String xip) {
    /** Saw nothing as over. */
    static final Snapshot NONE = new Snapshot("0", "{}");

    /** From {@code xmin:xmax:xip,xip}. */
    static Snapshot parse(String text) {
        String[] parts = text.split(":", -1);
        return new Snapshot(parts[1], "{" + parts[2] + "}");
    }
}
