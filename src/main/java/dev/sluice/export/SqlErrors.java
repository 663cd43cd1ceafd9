package dev.sluice.export;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import java.sql.SQLException;
import java.util.stream.Stream;

/** What the database's errors mean to a client. Its own messages may hold data and are for the log. Stateless. */
final class SqlErrors {
    /** PostgreSQL's insufficient_privilege. */
    private static final String FORBIDDEN = "42501";

    private SqlErrors() {}

    static ProblemException of(SQLException error) {
        String state = String.valueOf(error.getSQLState());
        if (isOfLargeRow(error)) {
            return rowTooLarge(error);
        }
        if (Problem.isConnectionLoss(error)) {
            return Problem.of(error);
        }
        return switch (state) {
            case "57014" -> timeout();
            case FORBIDDEN ->
                new ProblemException(
                        ErrorCode.FORBIDDEN, "The database does not let this export's role read the dataset.", error);
            default ->
                new ProblemException(
                        ErrorCode.QUERY_FAILED,
                        "The database could not run the query (SQLSTATE " + state + "); the log has this request's id.",
                        error);
        };
    }

    static ProblemException rowTooLarge(Throwable error) {
        return new ProblemException(
                ErrorCode.ROW_TOO_LARGE,
                "A row is larger than export.largest-row; leave its large columns out with select=, or raise the setting.",
                error);
    }

    /** The driver has no particular state for its own limit. */
    private static boolean isOfLargeRow(SQLException error) {
        return error.getCause() instanceof MessageTooLargeException
                || String.valueOf(error.getMessage()).contains("maxResultBuffer");
    }

    static ProblemException timeout() {
        return new ProblemException(
                ErrorCode.QUERY_TIMEOUT,
                "The database took too long to the first row. Filter on an indexed column, or order by the key.");
    }

    /** Whether the error is the fault of a value or an operator: SQLSTATE classes 22 and 42, but for missing privileges. */
    static boolean isOfQuery(SQLException error) {
        String state = String.valueOf(error.getSQLState());
        return !state.equals(FORBIDDEN) && (state.startsWith("22") || state.startsWith("42"));
    }

    /**
     * Whether a value can have made the error: any, but for those of the connection, of privileges, and of a server that
     * is short of something, was told to stop or is broken. Types of extensions have no particular class.
     */
    static boolean isOfValue(SQLException error) {
        String state = String.valueOf(error.getSQLState());
        return !state.equals(FORBIDDEN)
                && !Problem.isConnectionLoss(error)
                && Stream.of("25", "40", "53", "57", "58").noneMatch(state::startsWith);
    }
}
