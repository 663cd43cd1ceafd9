package dev.sluice.auth;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import java.util.UUID;

/** A caller who signed in here with a password, rather than with an API key or at an outside issuer. Immutable. */
record SessionCaller(UUID account, UUID session) {
    static Optional<SessionCaller> find(Caller caller) {
        // The subject of an outside token holds its issuer and a bar; its sid is not one of ours.
        if (!(caller.claims().get(AccessTokens.SESSION) instanceof String session)
                || caller.subject().contains("|")) {
            return Optional.empty();
        }
        return Optional.of(new SessionCaller(UUID.fromString(caller.subject()), UUID.fromString(session)));
    }

    /**
     * The caller of a request that only somebody who signed in may send.
     *
     * @throws ProblemException 401 for nobody, 403 for an API key or an outside token
     */
    static SessionCaller require(HttpServletRequest request) {
        Caller caller = requireAnybody(request);
        return find(caller)
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.FORBIDDEN, "Sign in with e-mail and password for this; a key does not suffice."));
    }

    static Caller requireAnybody(HttpServletRequest request) {
        Caller caller = Caller.of(request);
        if (!caller.signedIn()) {
            throw Refusal.missing();
        }
        return caller;
    }
}
