package dev.sluice.export;

import java.util.List;

/** A filter of a query: a tree of comparisons. Immutable. */
sealed interface Condition {
    /**
     * A comparison of a column with values.
     *
     * @param column the column
     * @param operator how they are compared
     * @param values the values as text; one, but for {@code in}, which takes any number, and {@code is}, which takes none
     * @param written as the client wrote it, for error messages
     */
    record Comparison(Column column, Operator operator, List<String> values, String written) implements Condition {}

    /** All of them. */
    record And(List<Condition> conditions) implements Condition {}

    /** At least one of them. */
    record Or(List<Condition> conditions) implements Condition {}

    /** The opposite. */
    record Not(Condition condition) implements Condition {}

    /** The operators of PostgREST's dialect that Sluice knows. */
    enum Operator {
        EQ("="),
        NEQ("<>"),
        GT(">"),
        GTE(">="),
        LT("<"),
        LTE("<="),
        LIKE("LIKE"),
        ILIKE("ILIKE"),
        IN("= ANY"),
        IS_NULL("IS NULL"),
        IS_TRUE("IS TRUE"),
        IS_FALSE("IS FALSE"),
        IS_UNKNOWN("IS UNKNOWN");

        private final String sql;

        Operator(String sql) {
            this.sql = sql;
        }

        String sql() {
            return sql;
        }
    }
}
