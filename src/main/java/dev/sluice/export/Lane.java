package dev.sluice.export;

/** In which way rows leave the database. */
enum Lane {
    /** A portal, batch after batch. */
    CURSOR,
    /** Binary COPY. */
    COPY;

    String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
