package dev.sluice.auth;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;

/** The two ways to refuse a token. Which check failed is nobody's business but the log's. Stateless. */
final class Refusal {
    private Refusal() {}

    static ProblemException invalid() {
        return new ProblemException(ErrorCode.UNAUTHORIZED, "The token is not valid.");
    }

    static ProblemException expired() {
        return new ProblemException(ErrorCode.TOKEN_EXPIRED, "The token has expired; refresh it or sign in again.");
    }

    static ProblemException missing() {
        return new ProblemException(ErrorCode.UNAUTHORIZED, "Send a token: Authorization: Bearer ….");
    }
}
