package dev.sluice.export;

/**
 * A column as the database describes it.
 *
 * @param name its name, also its CSV header
 * @param jsonName its key in JSON
 * @param type its type as people know it: {@code timestamp with time zone}
 * @param castType its type as values are cast to it: domains resolved, {@code bpchar} rather than {@code character}
 * @param typeOid its type's number, domains resolved
 */
record Column(String name, String jsonName, String type, String castType, int typeOid) {
    /** The column as SQL refers to it. */
    String sql() {
        return "d." + Identifiers.quote(name);
    }
}
