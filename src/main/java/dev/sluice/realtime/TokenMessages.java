package dev.sluice.realtime;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import java.sql.SQLException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the tokens that come by messages of Sluice's own form; a connection whose token is not valid is closed. Called by
 * the thread that has the protocol's turn, and blocks it.
 */
public final class TokenMessages {
    private static final Logger LOG = LoggerFactory.getLogger(TokenMessages.class);

    private final Connection connection;

    public TokenMessages(Connection connection) {
        this.connection = connection;
    }

    /** Signs in by the token of a message; answers whether it is valid. */
    public boolean authenticate(Envelope message) {
        return take(message, connection::authenticate);
    }

    /** Puts the token of a message in the place of the present one; answers whether it is valid, and of the same user. */
    public boolean refresh(Envelope message) {
        return take(message, connection::refresh);
    }

    /** What the answer to a refresh says: nothing of a token that does not run out. */
    public Map<String, Object> expiry() {
        long millis = connection.expiresInMillis();
        return millis < 0 ? Map.of() : Map.of("expiresIn", millis / 1000);
    }

    private boolean take(Envelope message, Taking taking) {
        try {
            taking.take(message.text("token").orElse(""));
            return true;
        } catch (ProblemException e) {
            // Whose token cannot be judged now may come again with the same one.
            connection.close(e.code() == ErrorCode.BUSY ? Ending.BROKEN : Ending.UNAUTHENTICATED);
        } catch (SQLException e) {
            Problem.log(LOG, "A token could not be checked", e);
            connection.close(Ending.BROKEN);
        }
        return false;
    }

    @FunctionalInterface
    private interface Taking {
        void take(String token) throws SQLException;
    }
}
