package dev.sluice.export;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a client wants of a dataset: columns, filter, order and a window. Holds catalogue columns and values, never SQL.
 * Immutable.
 *
 * @param select the columns, in their order
 * @param filter conditions that all hold
 * @param order the order; empty = key order
 * @param after the values of the key after which rows are wanted; empty = from the start
 * @param limit rows at most
 * @param offset rows left out at the start
 * @param parameters values of the dataset's own parameters
 */
record Query(
        List<Column> select,
        List<Condition> filter,
        List<Order> order,
        List<String> after,
        OptionalLong limit,
        OptionalLong offset,
        Map<String, String> parameters) {
    /** One column of an order. */
    record Order(Column column, boolean descending, Nulls nulls) {}

    /** Where nulls go; {@code DEFAULT} is PostgreSQL's: last, and first when descending. */
    enum Nulls {
        DEFAULT(""),
        FIRST(" NULLS FIRST"),
        LAST(" NULLS LAST");

        private final String sql;

        Nulls(String sql) {
            this.sql = sql;
        }

        String sql() {
            return sql;
        }
    }
}
