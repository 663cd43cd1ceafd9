package dev.sluice.auth;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.Neighbourhood;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.Rate;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Registers people, signs them in and keeps them signed in. Thread-safe. */
final class SignIn {
    static final List<String> ROLES_OF_NEW = List.of("user");

    private final Accounts accounts;
    private final Sessions sessions;
    private final RefreshTokens refreshTokens;
    private final AccessTokens accessTokens;
    private final Passwords passwords;
    private final Throttle attempts;
    private final MeterRegistry metrics;

    SignIn(
            Accounts accounts,
            Sessions sessions,
            RefreshTokens refreshTokens,
            AccessTokens accessTokens,
            Passwords passwords,
            Rate rate,
            InstantSource ticks,
            MeterRegistry metrics) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.refreshTokens = refreshTokens;
        this.accessTokens = accessTokens;
        this.passwords = passwords;
        this.attempts = new Throttle(rate, ticks);
        this.metrics = metrics;
    }

    /** What somebody who signed in gets. */
    record Tokens(String accessToken, String refreshToken, long expiresIn, Account account) {
        Map<String, Object> toJson() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("accessToken", accessToken);
            json.put("refreshToken", refreshToken);
            json.put("expiresIn", expiresIn);
            json.put("user", account.toJson());
            return json;
        }
    }

    Tokens register(String email, String name, String password, Sessions.Device device) throws SQLException {
        attempts.take("register " + Neighbourhood.of(device.address()));
        String hash = passwords.hash(password);
        Account account = accounts.add(email, name, hash, ROLES_OF_NEW)
                .orElseThrow(() -> new ProblemException(ErrorCode.CONFLICT, "This e-mail address has an account."));
        count("registered");
        return start(account, device);
    }

    /** Signs in; the wrong address, the wrong password and what cannot be either look alike and take as long. */
    Tokens login(String email, String password, Sessions.Device device) throws SQLException {
        String person = "account " + email.toLowerCase(Locale.ROOT);
        String place = "address " + Neighbourhood.of(device.address());
        attempts.take(place);
        attempts.take(person);
        Account account = check(email, password);
        attempts.giveBack(place);
        attempts.giveBack(person);
        if (account.disabled()) {
            count("disabled");
            throw new ProblemException(ErrorCode.ACCOUNT_DISABLED, "Ask an admin to enable it.");
        }
        count("signed-in");
        return start(account, device);
    }

    Tokens refresh(String token) throws SQLException {
        RefreshTokens.Rotation rotation = refreshTokens.rotate(token);
        count(rotation.outcome().name().toLowerCase(Locale.ROOT));
        return switch (rotation.outcome()) {
            case ROTATED ->
                tokens(rotation.account().orElseThrow(), rotation.session().orElseThrow());
            case REUSED ->
                throw new ProblemException(
                        ErrorCode.UNAUTHORIZED,
                        "The refresh token was used before; the session has ended. Sign in again.");
            case UNKNOWN ->
                throw new ProblemException(ErrorCode.UNAUTHORIZED, "The refresh token is not valid; sign in again.");
        };
    }

    void changePassword(UUID id, UUID session, String current, String replacement) throws SQLException {
        String person = "password " + id;
        attempts.take(person);
        Optional<Accounts.Stored> stored = accounts.find(id);
        if (!passwords.matches(
                bounded(current), stored.map(Accounts.Stored::passwordHash).orElse(null))) {
            throw new ProblemException(ErrorCode.WRONG_CREDENTIALS, "\"currentPassword\" is wrong.");
        }
        attempts.giveBack(person);
        accounts.changePassword(id, passwords.hash(replacement), session);
    }

    private Account check(String email, String password) throws SQLException {
        Optional<Accounts.Stored> stored =
                Input.isEmail(email) ? accounts.findByEmail(email.toLowerCase(Locale.ROOT)) : Optional.empty();
        if (!passwords.matches(
                bounded(password), stored.map(Accounts.Stored::passwordHash).orElse(null))) {
            count("wrong");
            throw new ProblemException(ErrorCode.WRONG_CREDENTIALS, "E-mail or password is wrong.");
        }
        return stored.orElseThrow().account();
    }

    /** Bcrypt would ignore what is beyond its limit, and so accept more than one password. */
    private static String bounded(String password) {
        return Input.fitsBcrypt(password) ? password : "";
    }

    private Tokens start(Account account, Sessions.Device device) throws SQLException {
        return tokens(account, sessions.start(account, device));
    }

    private Tokens tokens(Account account, Sessions.Started session) throws SQLException {
        String accessToken = accessTokens.issue(account, session.id());
        return new Tokens(
                accessToken, session.refreshToken(), accessTokens.lifetime().toSeconds(), account);
    }

    private void count(String result) {
        metrics.counter("sluice.auth.signins", "result", result).increment();
    }
}
