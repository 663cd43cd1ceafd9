package dev.sluice.realtime;

import dev.sluice.auth.Caller;
import java.sql.SQLException;
import java.util.Collection;

/** Who callers are; what this feature needs of sign-in. Thread-safe. */
public interface Identities {
    /**
     * The caller whom a token names.
     *
     * @throws dev.sluice.http.ProblemException 401 when it is not valid
     */
    Caller authenticate(String token) throws SQLException;

    /** Those of these callers, the same objects, who would not be accepted any more. */
    Collection<Caller> revoked(Collection<Caller> callers) throws SQLException;
}
