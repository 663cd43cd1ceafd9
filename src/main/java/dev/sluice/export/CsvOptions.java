package dev.sluice.export;

/**
 * The options of a CSV export, with the rules of {@code COPY}.
 *
 * @param header whether the first line holds the names
 * @param delimiter a printable ASCII character or TAB, not the quote
 * @param nullText what a null prints, unquoted; a value equal to it is quoted
 * @param excel byte order mark, CRLF line ends, and cells that Excel would take for a formula begin with an apostrophe
 * @param continued whether this goes to the end of a file that has its beginning, and so has no byte order mark
 */
record CsvOptions(boolean header, char delimiter, String nullText, boolean excel, boolean continued) {
    /** What {@code COPY ... (FORMAT csv, HEADER)} does. */
    static final CsvOptions STANDARD = new CsvOptions(true, ',', "", false);

    private static final int MAX_NULL_TEXT = 100;

    /** Options of a whole file. */
    CsvOptions(boolean header, char delimiter, String nullText, boolean excel) {
        this(header, delimiter, nullText, excel, false);
    }

    /** @throws IllegalArgumentException with a text for the client, where COPY would refuse the options too */
    CsvOptions {
        if (!(delimiter == '\t' || (delimiter >= ' ' && delimiter < 0x7f)) || delimiter == '"') {
            throw new IllegalArgumentException("The delimiter must be one ASCII character and not a quote");
        }
        if (nullText.length() > MAX_NULL_TEXT) {
            throw new IllegalArgumentException(
                    "The null text must not be longer than " + MAX_NULL_TEXT + " characters");
        }
        if (nullText.chars().anyMatch(c -> c == '"' || c == '\r' || c == '\n' || c == 0 || c == delimiter)) {
            throw new IllegalArgumentException(
                    "The null text must not contain the delimiter, a quote, a line break or NUL");
        }
    }
}
