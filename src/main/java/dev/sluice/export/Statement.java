package dev.sluice.export;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/**
 * SQL with its values. The text holds catalogue names and places for values alone; values travel beside it. Immutable.
 *
 * @param sql with {@link #VALUE} for each value, and {@link #QUESTION_MARK} for each question mark that is an operator
 * @param values in their order
 */
record Statement(String sql, List<String> values) {
    /** The place of a value. No text that PostgreSQL takes has a NUL in it. */
    static final String VALUE = "\0$";
    /** An operator's question mark, which the driver would take for the place of a value. */
    static final String QUESTION_MARK = "\0?";

    private static final String SETTING = "sluice.p";
    private static final String SET_VALUES = "SELECT pg_catalog.count(pg_catalog.set_config('" + SETTING
            + "' || i, v, true)) FROM pg_catalog.unnest(" + VALUE + "::pg_catalog.text[]) WITH ORDINALITY AS t (v, i)";

    static Statement of(String sql) {
        return new Statement(sql, List.of());
    }

    /**
     * @param sql fixed text with {@code ?} for each value
     */
    static Statement of(String sql, String... values) {
        return new Statement(sql.replace("?", VALUE), List.of(values));
    }

    /** The same for a command that takes no values: it reads them from settings of the transaction. */
    Statement withSettings() {
        StringBuilder text = new StringBuilder();
        String[] parts = sql.split(java.util.regex.Pattern.quote(VALUE), -1);
        for (int i = 0; i < parts.length; i++) {
            text.append(i == 0 ? "" : "pg_catalog.current_setting('" + SETTING + i + "')")
                    .append(parts[i]);
        }
        return of(text.toString());
    }

    /** What makes the settings that {@link #withSettings} reads, for the transaction alone. */
    Statement settings() {
        return of(SET_VALUES, SqlBuilder.arrayLiteral(values));
    }

    /** The text for a command that is sent without the driver's parsing; there are no values in it. */
    String text() {
        return sql.replace(QUESTION_MARK, "?");
    }

    /** Prepares for reading forwards, values bound and their types left to the server. */
    PreparedStatement prepare(Connection connection) throws SQLException {
        String jdbc = sql.replace(VALUE, "?").replace(QUESTION_MARK, "??");
        PreparedStatement prepared =
                connection.prepareStatement(jdbc, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
        for (int i = 0; i < values.size(); i++) {
            prepared.setObject(i + 1, values.get(i), Types.OTHER);
        }
        return prepared;
    }

    /** Puts a statement together from its parts. Used by one thread. */
    static final class Builder {
        private final StringBuilder sql = new StringBuilder();
        private final List<String> values = new ArrayList<>();

        Builder sql(String part) {
            sql.append(part);
            return this;
        }

        /** A value, cast to a type: bound once, never part of the text. */
        Builder value(String value, String castType) {
            sql.append(VALUE).append("::").append(castType);
            values.add(value);
            return this;
        }

        Builder append(Statement other) {
            sql.append(other.sql());
            values.addAll(other.values());
            return this;
        }

        Statement build() {
            return new Statement(sql.toString(), List.copyOf(values));
        }
    }
}
