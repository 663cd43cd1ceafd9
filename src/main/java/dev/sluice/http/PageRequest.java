package dev.sluice.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which page of a list is asked for, by keyset: {@code limit} entries after the key {@code after}. The answer holds
 * {@code next}, the {@code after} of the page that follows, or null where none does. Immutable.
 *
 * @param limit entries of the page at most
 * @param after the key of the last entry of the page before; empty for the first page
 */
public record PageRequest(int limit, Optional<String> after) {
    private static final int DEFAULT = 100;
    private static final int MOST = 1000;

    /**
     * Reads the parameters.
     *
     * @throws ProblemException 400 when {@code limit} is not a number from 1 to 1000
     */
    public static PageRequest of(Optional<String> limit, Optional<String> after) {
        return new PageRequest(limit.map(PageRequest::number).orElse(DEFAULT), after);
    }

    /** How many entries to look for: the one beyond the page tells whether another page follows. */
    public int lookFor() {
        return limit + 1;
    }

    /** Those of the entries found that belong to the page. */
    public <T> List<T> cut(List<T> found) {
        return found.subList(0, Math.min(limit, found.size()));
    }

    /**
     * The answer.
     *
     * @param name of the list in it
     * @param entries what it shows of the page's entries
     * @param found all that were found
     * @param key of an entry
     */
    public <T> Map<String, Object> toJson(String name, List<?> entries, List<T> found, Function<T, ?> key) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put(name, entries);
        json.put("next", found.size() > limit ? key.apply(found.get(limit - 1)) : null);
        return json;
    }

    private static int number(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= MOST) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, as a number out of range is.
        }
        throw new ProblemException(ErrorCode.INVALID_VALUE, "\"limit\" takes a whole number from 1 to " + MOST + ".");
    }
}
