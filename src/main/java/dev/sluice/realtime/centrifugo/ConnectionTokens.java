package dev.sluice.realtime.centrifugo;

import dev.sluice.auth.Caller;
import java.sql.SQLException;

/** Who callers are, by the tokens they connect with. Thread-safe. */
@FunctionalInterface
public interface ConnectionTokens {
    /**
     * Blocks until it is known whose token this is.
     *
     * @throws dev.sluice.http.ProblemException 401 when it is not valid
     */
    Login verify(String token) throws SQLException;

    /**
     * A verified token.
     *
     * @param byApplication whether the application signed it, so that the channels it names are its wish
     */
    record Login(Caller caller, boolean byApplication) {}
}
