package dev.sluice.export;

/** The text formats of an export. */
enum Format {
    NDJSON("ndjson", "application/x-ndjson"),
    CSV("csv", "text/csv; charset=utf-8"),
    JSON("json", "application/json");

    private final String suffix;
    private final String contentType;

    Format(String suffix, String contentType) {
        this.suffix = suffix;
        this.contentType = contentType;
    }

    /** As in a path, without its dot, and in {@code format=}. */
    String suffix() {
        return suffix;
    }

    String contentType() {
        return contentType;
    }

    /** The type without its parameters, as {@code Accept} compares it. */
    String mediaType() {
        return contentType.split(";", 2)[0];
    }
}
