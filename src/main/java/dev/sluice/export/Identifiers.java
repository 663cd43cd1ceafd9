package dev.sluice.export;

/** Names as SQL writes them. Stateless. */
final class Identifiers {
    private Identifiers() {}

    /** Quotes a name that comes from the catalogue; the driver leaves what is quoted alone. */
    static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
