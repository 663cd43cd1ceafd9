package dev.sluice.auth;

import java.sql.SQLException;
import java.util.Optional;

/** Turns a token of any kind into its caller. Thread-safe. */
final class Authenticator {
    /** Longer tokens are refused unseen. */
    static final int TOKEN_MOST = 8192;

    private final DemoProfile demo;
    private final ApiKeys keys;
    private final AccessTokens accessTokens;
    private final Optional<OutsideTokens> outsideTokens;

    Authenticator(DemoProfile demo, ApiKeys keys, AccessTokens accessTokens, Optional<OutsideTokens> outsideTokens) {
        this.demo = demo;
        this.keys = keys;
        this.accessTokens = accessTokens;
        this.outsideTokens = outsideTokens;
    }

    /**
     * The caller whom a token names.
     *
     * @throws dev.sluice.http.ProblemException 401 when it is not valid any more, or never was
     */
    Caller authenticate(String token) throws SQLException {
        if (token.length() > TOKEN_MOST) {
            throw Refusal.invalid();
        }
        Optional<Caller> demoCaller = demo.findCaller(token);
        return demoCaller.isPresent() ? demoCaller.get() : verify(token);
    }

    private Caller verify(String token) throws SQLException {
        if (token.startsWith(ApiKeys.START)) {
            return keys.authenticate(token);
        }
        JwtHeader header = JwtHeader.of(token).orElseThrow(Refusal::invalid);
        if (header.algorithm().equals(AccessTokens.ALGORITHM)) {
            return accessTokens.verify(token, header);
        }
        if (outsideTokens.isEmpty() || !OutsideTokens.ALGORITHMS.contains(header.algorithm())) {
            throw Refusal.invalid();
        }
        return outsideTokens.get().verify(token, header);
    }
}
