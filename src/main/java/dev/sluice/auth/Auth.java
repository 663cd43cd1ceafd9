package dev.sluice.auth;

import dev.sluice.db.Database;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.RequestBodies;
import dev.sluice.settings.AuthSettings;
import dev.sluice.settings.DemoSettings;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The door to sign-in: filters that find out who is calling and whether that suffices, and the servlets of
 * {@code /api/auth} and {@code /api/users}. Thread-safe; made by the composition root, then {@link #start started},
 * closed last.
 */
public final class Auth implements AutoCloseable {
    private final RequestBodies bodies;
    private final ClientAddress addresses;
    private final boolean registration;
    private final DemoProfile demoProfile;
    private final Sweeper sweeper;
    private final Accounts accounts;
    private final Sessions sessions;
    private final RefreshTokens refreshTokens;
    private final ApiKeys keys;
    private final Tickets tickets;
    private final Passwords passwords;
    private final SignIn signIn;
    private final RefreshCookie cookie;
    private final Authenticator requests;
    private final Authenticator arrivals;
    private final SubscriptionTokens subscriptionTokens;
    private final ApplicationTokens applicationTokens;
    private final Revocations revocations;

    /**
     * @param database the state database, migrated
     * @param origins origins of other sites whose pages may refresh by cookie
     * @param bodies reads the bodies of requests
     * @param clock for time stamps
     * @param ticks for durations: nobody sets it
     */
    public Auth(
            Database database,
            AuthSettings settings,
            DemoSettings demo,
            ClientAddress addresses,
            List<String> origins,
            RequestBodies bodies,
            InstantSource clock,
            InstantSource ticks,
            MeterRegistry metrics) {
        this.addresses = addresses;
        this.demoProfile = new DemoProfile(database, demo.enabled(), clock);
        this.sweeper = new Sweeper(database, settings.refreshLifetime(), clock);
        this.bodies = bodies;
        this.registration = settings.registration().orElse(demo.enabled());
        this.accounts = new Accounts(database, clock);
        this.sessions = new Sessions(database, settings.refreshLifetime(), clock);
        this.refreshTokens = new RefreshTokens(database, settings.refreshLifetime(), clock);
        this.keys = new ApiKeys(database, clock);
        this.tickets = new Tickets(database, sessions, keys, settings.accessLifetime(), clock);
        this.passwords = new Passwords(settings.passwordCost());
        this.cookie = new RefreshCookie(addresses, origins, settings.refreshLifetime());
        SigningSecrets secrets = new SigningSecrets(database, clock, ticks);
        AccessTokens accessTokens = new AccessTokens(secrets, sessions::findAccount, settings.accessLifetime(), clock);
        this.subscriptionTokens = new SubscriptionTokens(secrets, clock);
        this.applicationTokens = new ApplicationTokens(clock);
        this.revocations = new Revocations(database, clock);
        Optional<OutsideTokens> outsideTokens = OutsideTokens.of(settings, clock, ticks);
        this.requests = new Authenticator(demoProfile, keys, accessTokens, outsideTokens);
        // After a restart all who listen come back at once.
        AccessTokens shared = accessTokens.with(new Lookups<>(sessions::findAccounts)::find);
        this.arrivals = new Authenticator(demoProfile, keys, shared, outsideTokens);
        this.signIn = new SignIn(
                accounts, sessions, refreshTokens, accessTokens, passwords, settings.signinRate(), ticks, metrics);
    }

    /**
     * Sets {@link Caller#of} of every request; answers 401 to a token that is not valid.
     *
     * @param streams paths of event streams, which take a token or ticket in the query as well
     * @param sockets paths of sockets, which do so too, and get a request whose token is not valid as one that {@link
     *     Caller#isRefused is refused}
     */
    public Filter filter(Predicate<String> streams, Predicate<String> sockets) {
        return new AuthFilter(requests, arrivals, tickets, streams, sockets);
    }

    /**
     * Lets callers through by a table of paths and answers 404 to every other path. A pattern is a whole path, or a
     * folder that ends in {@code /*}, with a method and a space before it where only that method is meant ({@code POST
     * /api/x}). The whole path wins, then the longest folder.
     */
    public static Filter requireAccess(Map<String, Access> table) {
        return new AccessFilter(table);
    }

    /** The rules of the paths of this feature. */
    public static Map<String, Access> access() {
        return Map.of(
                "/api/auth/*", Access.FEATURE,
                "/api/users", Access.role(Caller.ADMIN),
                "/api/users/*", Access.role(Caller.ADMIN));
    }

    /** For {@code /api/auth/*}. */
    public HttpServlet servlet() {
        Endpoints endpoints = new Endpoints();
        new SignInHandlers(signIn, refreshTokens, sessions, cookie, addresses, registration, bodies).addTo(endpoints);
        new MeHandlers(accounts, sessions, signIn, tickets, bodies).addTo(endpoints);
        new KeyHandlers(keys, accounts, bodies).addTo(endpoints);
        return endpoints;
    }

    /** For {@code /api/users} and {@code /api/users/*}. */
    public HttpServlet usersServlet() {
        Endpoints endpoints = new Endpoints();
        new UserHandlers(accounts, bodies).addTo(endpoints);
        return endpoints;
    }

    /**
     * The caller whom a token of any kind names, for tokens that come in a message.
     *
     * @throws dev.sluice.http.ProblemException 401 when it is not valid
     */
    public Caller authenticate(String token) throws SQLException {
        return arrivals.authenticate(token);
    }

    /**
     * The claims of a token that lets its subject listen to its channel.
     *
     * @param secret what an application signs such tokens with
     * @throws dev.sluice.http.ProblemException 401 when it is not valid
     */
    public Map<String, Object> verifySubscription(String token, Optional<String> secret) throws SQLException {
        return subscriptionTokens.verify(token, secret.map(text -> Secrets.key(text.getBytes(StandardCharsets.UTF_8))));
    }

    /**
     * The caller whom a token names that an application signed.
     *
     * @return empty when it is not meant to be one of those
     * @throws dev.sluice.http.ProblemException 401 when it is not valid
     */
    public Optional<Caller> verifyApplication(String token, String secret) {
        return ApplicationTokens.isMeant(token)
                ? Optional.of(applicationTokens.verify(token, Secrets.key(secret.getBytes(StandardCharsets.UTF_8))))
                : Optional.empty();
    }

    /**
     * Those of these callers, the same objects, who would not be accepted any more: signed out, their key deleted, their
     * account disabled. Asked for all of them at once. A token that only runs out is not looked at.
     */
    public List<Caller> revoked(Collection<Caller> callers) throws SQLException {
        return revocations.among(callers);
    }

    /**
     * Makes an admin: a new account, or an existing one with this password from now on.
     *
     * @throws dev.sluice.http.ProblemException when address or password cannot be
     */
    public void createAdmin(String email, char[] password) throws SQLException {
        new AdminMaker(accounts, passwords).make(email, new String(password));
    }

    /** Creates the demo accounts, or removes them outside the demo profile, and begins to sweep. */
    public void start() throws SQLException {
        demoProfile.synchronise();
        sweeper.start();
    }

    /** Deletes what has expired; done every ten minutes anyway. */
    public int sweep() throws SQLException {
        return sweeper.sweep();
    }

    @Override
    public void close() {
        sweeper.close();
    }
}
