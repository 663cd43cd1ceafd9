package dev.sluice.export;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;

/** Tries all that a client gave before the first byte: one round trip when all is well. Stateless. */
final class Preflight {
    private Preflight() {}

    /**
     * @throws ProblemException 400, naming the first probe that fails
     */
    static void run(Connection connection, List<Probe> probes, Cancellation cancellation) throws SQLException {
        if (probes.isEmpty()) {
            return;
        }
        Savepoint before = connection.setSavepoint();
        try {
            run(connection, together(probes), cancellation);
        } catch (SQLException e) {
            if (!SqlErrors.isOfValue(e)) {
                throw e;
            }
            connection.rollback(before);
            oneByOne(connection, probes, before, cancellation);
            throw e;
        }
    }

    private static void oneByOne(Connection connection, List<Probe> probes, Savepoint before, Cancellation cancellation)
            throws SQLException {
        for (Probe probe : probes) {
            try {
                run(connection, together(List.of(probe)), cancellation);
            } catch (SQLException e) {
                connection.rollback(before);
                if (SqlErrors.isOfValue(e)) {
                    throw refusal(probe, e);
                }
                throw e;
            }
        }
    }

    private static ProblemException refusal(Probe probe, SQLException error) {
        boolean isOperator = String.valueOf(error.getSQLState()).startsWith("42");
        String reason = isOperator ? "the column's type does not have it" : "the value is not one of the column's type";
        return new ProblemException(ErrorCode.INVALID_VALUE, "\"" + probe.what() + "\": " + reason + ".", error);
    }

    private static void run(Connection connection, Statement statement, Cancellation cancellation) throws SQLException {
        try (PreparedStatement prepared = statement.prepare(connection)) {
            cancellation.check();
            prepared.execute();
        }
    }

    private static Statement together(List<Probe> probes) {
        Statement.Builder out = new Statement.Builder().sql("SELECT ");
        for (int i = 0; i < probes.size(); i++) {
            out.sql(i == 0 ? "(" : ", (").append(probes.get(i).expression()).sql(")");
        }
        return out.build();
    }
}
