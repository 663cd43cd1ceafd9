package dev.sluice.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.auth.Caller;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * Makes a transaction print everything the same way, whatever the role's or database's defaults, and run under the
 * caller's row-level security where a dataset wants it. Everything is set for the transaction alone. Stateless.
 */
final class PinnedSession {
    /** On what the text of values depends, and on what a hostile default could stop an export with. */
    private static final String PINS = String.join(
            "; ",
            "SET LOCAL TimeZone = 'UTC'",
            "SET LOCAL DateStyle = 'ISO, YMD'",
            "SET LOCAL IntervalStyle = 'postgres'",
            "SET LOCAL extra_float_digits = 1",
            "SET LOCAL bytea_output = 'hex'",
            "SET LOCAL xmlbinary = 'base64'",
            "SET LOCAL xmloption = 'content'",
            "SET LOCAL lc_monetary = 'C'",
            "SET LOCAL lc_numeric = 'C'",
            "SET LOCAL lc_time = 'C'",
            "SET LOCAL search_path = 'pg_catalog'",
            "SET LOCAL standard_conforming_strings = on",
            "SET LOCAL quote_all_identifiers = off",
            "SET LOCAL array_nulls = on",
            "SET LOCAL row_security = on",
            "SET LOCAL plan_cache_mode = 'force_custom_plan'",
            "SET LOCAL jit = off",
            "SET LOCAL lock_timeout = 0",
            "SET LOCAL idle_in_transaction_session_timeout = 0");

    private static final int FIRST_WITH_TRANSACTION_TIMEOUT = 17;

    private PinnedSession() {}

    /** Begins: the first statement of the transaction. */
    static void begin(Connection connection, Duration statementTimeout) throws SQLException {
        boolean transactionTimeout =
                connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_TRANSACTION_TIMEOUT;
        // The time-outs first, so that a role's own do not cut what follows.
        execute(
                connection,
                timeout(statementTimeout)
                        + (transactionTimeout ? "; SET LOCAL transaction_timeout = 0; " : "; ")
                        + PINS);
    }

    static void statementTimeout(Connection connection, Duration statementTimeout) throws SQLException {
        execute(connection, timeout(statementTimeout));
    }

    /**
     * Prepares for a COPY. It takes no values, so they become settings of the transaction. It is one statement however slow
     * its client is, so its time is not limited (the pump limits its silence). {@link #undoCopy} goes back to before it.
     */
    static void beforeCopy(Connection connection, Statement select) throws SQLException {
        execute(connection, "SET LOCAL statement_timeout = 0; SAVEPOINT copy");
        if (!select.values().isEmpty()) {
            try (PreparedStatement settings = select.settings().prepare(connection)) {
                settings.execute();
            }
        }
    }

    static void undoCopy(Connection connection) throws SQLException {
        execute(connection, "ROLLBACK TO SAVEPOINT copy");
    }

    /**
     * Goes on as the configured role, with the caller's claims where policies written for PostgREST look for them.
     *
     * @throws ProblemException when there is no such role, or the session may not take it on
     */
    static void become(Connection connection, String role, Caller caller) throws SQLException {
        try (PreparedStatement claims = connection.prepareStatement(
                "SELECT set_config('request.jwt.claims', ?, true), set_config('role', ?, true)")) {
            claims.setString(1, claims(caller, role));
            claims.setString(2, role);
            claims.execute();
        } catch (SQLException e) {
            requireRole(e);
            throw e;
        }
    }

    /** PostgreSQL: invalid_parameter_value for a role that is not there, insufficient_privilege for no member of it. */
    private static void requireRole(SQLException error) {
        String reason = switch (String.valueOf(error.getSQLState())) {
            case "22023" -> "does not exist in the database";
            case "42501" -> "is not granted to the role that Sluice logs in as";
            default -> "";
        };
        if (!reason.isEmpty()) {
            throw new ProblemException(ErrorCode.MISCONFIGURED, "The role of export.rls-role " + reason + ".", error);
        }
    }

    private static String claims(Caller caller, String role) {
        ObjectNode claims = (ObjectNode) Json.parse(Json.text(caller.claims()));
        Optional.of(caller.subject()).filter(s -> !s.isEmpty()).ifPresent(subject -> claims.put("sub", subject));
        claims.put("role", role);
        return claims.toString();
    }

    private static String timeout(Duration timeout) {
        return "SET LOCAL statement_timeout = " + timeout.toMillis();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
