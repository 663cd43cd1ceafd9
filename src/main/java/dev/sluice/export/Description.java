package dev.sluice.export;

import java.util.List;
import java.util.Optional;

/**
 * What the database knows of a dataset. Immutable.
 *
 * @param relation what stands behind FROM, without its alias
 * @param columns the columns that may be exported, in their order
 * @param types the numbers of their types, domains not resolved
 * @param key the ordered, unique, not-null columns; empty when there are none
 * @param estimatedRows the planner's estimate of all rows
 */
record Description(String relation, List<Column> columns, List<String> types, List<Column> key, long estimatedRows) {
    /** The column of this name, or else of this JSON name. */
    Optional<Column> column(String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .or(() -> columns.stream()
                        .filter(column -> column.jsonName().equals(name))
                        .findFirst());
    }
}
