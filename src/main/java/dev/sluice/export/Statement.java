package dev.sluice.export;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/**
 * SQL with its values. The text holds catalogue names and placeholders alone; values travel beside it. Immutable.
 *
 * @param sql with {@code ?} for each value
 * @param values in their order
 */
record Statement(String sql, List<String> values) {
    static Statement of(String sql, String... values) {
        return new Statement(sql, List.of(values));
    }

    /** Prepares for reading forwards, values bound and their types left to the server. */
    PreparedStatement prepare(Connection connection) throws SQLException {
        PreparedStatement prepared =
                connection.prepareStatement(sql, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
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
            sql.append("?::").append(castType);
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
