package dev.sluice.settings;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One dataset as a settings file declares it.
 *
 * <pre>
 * sluice.dataset.orders.table=shop.orders
 * sluice.dataset.orders.columns=id, email, created_at as createdAt
 * sluice.dataset.orders.key=created_at, id
 * sluice.dataset.orders.read=role:sales
 * </pre>
 *
 * @param name its name in the path; may contain dots
 * @param table table or view, qualified; empty when {@code sql} is given
 * @param sql a query whose declared parameters stand as {@code :name}; empty when {@code table} is given
 * @param columns columns in their order; empty = all
 * @param key ordered, unique, not-null columns; empty = none (for a table: its primary key)
 * @param read who may read: {@code public}, {@code signed-in} or {@code role:…}; empty = nobody but admins
 * @param rls whether row-level security of the caller applies
 * @param parameters declared parameters of {@code sql}
 */
public record DatasetSettings(
        String name,
        Optional<String> table,
        Optional<String> sql,
        List<Column> columns,
        List<String> key,
        List<String> read,
        boolean rls,
        List<Parameter> parameters) {
    /** What requests call otherwise: no parameter can have such a name, and a column only in quotes. */
    public static final Set<String> RESERVED = Set.of(
            "select",
            "order",
            "limit",
            "offset",
            "after",
            "or",
            "and",
            "not.or",
            "not.and",
            "header",
            "delimiter",
            "null",
            "excel",
            "end",
            "format",
            "dataset",
            "token",
            "ticket");

    /** A column and its name in JSON. */
    public record Column(String name, String jsonName) {}

    /** A parameter of a query: its name, its PostgreSQL type and, where it may be left out, its default. */
    public record Parameter(String name, String type, Optional<String> defaultValue) {}
}
