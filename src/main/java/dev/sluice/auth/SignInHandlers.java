package dev.sluice.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The paths that need no access token: they take a password or a refresh token. Thread-safe. */
final class SignInHandlers {
    private static final int TOKEN_MOST = 500;
    private static final int PASSWORD_MOST = 1000;
    private static final int USER_AGENT_MOST = 200;
    private static final int ADDRESS_MOST = 64;

    private final SignIn signIn;
    private final RefreshTokens refreshTokens;
    private final Sessions sessions;
    private final RefreshCookie cookie;
    private final ClientAddress addresses;
    private final boolean registration;
    private final RequestBodies bodies;

    SignInHandlers(
            SignIn signIn,
            RefreshTokens refreshTokens,
            Sessions sessions,
            RefreshCookie cookie,
            ClientAddress addresses,
            boolean registration,
            RequestBodies bodies) {
        this.signIn = signIn;
        this.refreshTokens = refreshTokens;
        this.sessions = sessions;
        this.cookie = cookie;
        this.addresses = addresses;
        this.registration = registration;
        this.bodies = bodies;
    }

    void addTo(Endpoints endpoints) {
        endpoints
                .on("POST", "/register", (request, response, id) -> register(request, response))
                .on("POST", "/login", (request, response, id) -> login(request, response))
                .on("POST", "/refresh", (request, response, id) -> refresh(request, response))
                .on("POST", "/logout", (request, response, id) -> logout(request, response));
    }

    private void register(HttpServletRequest request, HttpServletResponse response) throws IOException, SQLException {
        if (!registration) {
            throw new ProblemException(ErrorCode.REGISTRATION_CLOSED, "Ask an admin for an account.");
        }
        ObjectNode body = Json.readObject(request, bodies);
        String password = Input.newPassword(body, "password");
        SignIn.Tokens tokens = signIn.register(Input.email(body), Input.name(body), password, device(request));
        send(request, response, 201, tokens);
    }

    private void login(HttpServletRequest request, HttpServletResponse response) throws IOException, SQLException {
        ObjectNode body = Json.readObject(request, bodies);
        String email = Json.requireText(body, "email", Input.EMAIL_MOST);
        String password = Json.requireText(body, "password", PASSWORD_MOST);
        send(request, response, 200, signIn.login(email, password, device(request)));
    }

    private void refresh(HttpServletRequest request, HttpServletResponse response) throws IOException, SQLException {
        ObjectNode body = Json.readOptionalObject(request, bodies);
        Optional<String> given = refreshToken(body);
        Optional<String> token = given.isPresent() ? given : cookie.read(request);
        try {
            send(request, response, 200, signIn.refresh(token.orElseThrow(SignInHandlers::noToken)));
        } catch (ProblemException e) {
            if (e.code() == ErrorCode.UNAUTHORIZED) {
                cookie.clear(request, response);
            }
            throw e;
        }
    }

    /** Ends the session of the access token or, where that has expired, of the refresh token in the body. */
    private void logout(HttpServletRequest request, HttpServletResponse response) throws IOException, SQLException {
        Optional<String> token = refreshToken(Json.readOptionalObject(request, bodies));
        Optional<SessionCaller> caller = SessionCaller.find(Caller.of(request));
        if (token.isEmpty() && caller.isEmpty()) {
            throw Refusal.missing();
        }
        if (caller.isPresent()) {
            sessions.revoke(caller.get().account(), caller.get().session());
        }
        if (token.isPresent()) {
            refreshTokens.revoke(token.get());
        }
        cookie.clear(request, response);
        response.setStatus(204);
    }

    private void send(HttpServletRequest request, HttpServletResponse response, int status, SignIn.Tokens tokens)
            throws IOException {
        cookie.set(request, response, tokens.refreshToken());
        Json.send(response, status, tokens.toJson());
    }

    private Sessions.Device device(HttpServletRequest request) {
        String agent = request.getHeader("User-Agent");
        return new Sessions.Device(cut(addresses.of(request), ADDRESS_MOST), cut(agent, USER_AGENT_MOST));
    }

    private static String cut(@Nullable String text, int most) {
        return text == null ? "" : text.substring(0, Math.min(text.length(), most));
    }

    private static Optional<String> refreshToken(ObjectNode body) {
        boolean given = body.hasNonNull("refreshToken");
        return given ? Optional.of(Json.requireText(body, "refreshToken", TOKEN_MOST)) : Optional.empty();
    }

    private static ProblemException noToken() {
        return new ProblemException(ErrorCode.UNAUTHORIZED, "Send \"refreshToken\" or its cookie.");
    }
}
