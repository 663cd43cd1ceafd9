package dev.sluice.broker.postgres;

import java.sql.SQLException;

/** What errors of PostgreSQL mean (appendix A of its manual). Stateless. */
final class SqlStates {
    private SqlStates() {}

    /** The session is over, and whether its last statement was committed is unknown. */
    static boolean isBroken(SQLException error) {
        String state = String.valueOf(error.getSQLState());
        return error.getSQLState() == null || state.startsWith("08") || state.startsWith("57P");
    }

    /** The data themselves are refused, and would be again. */
    static boolean isRefusal(SQLException error) {
        return String.valueOf(error.getSQLState()).startsWith("22");
    }
}
