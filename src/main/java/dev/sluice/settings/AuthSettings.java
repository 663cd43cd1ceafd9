package dev.sluice.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Sign-in, tokens and outside issuers.
 *
 * @param registration whether anybody may register
 * @param accessLifetime life of an access token
 * @param refreshLifetime life of a refresh token, from its last use
 * @param signinRate sign-in attempts for each address and for each account
 * @param passwordCost bcrypt cost (log2 of the rounds)
 * @param jwks file or URL of an outside issuer's key set
 * @param issuer the {@code iss} an outside token must carry
 * @param audience the {@code aud} an outside token must carry
 * @param subjectClaim claim that gives the subject
 * @param nameClaim claim that gives the name
 * @param rolesClaim claim that gives the roles; dots go into nested objects
 */
public record AuthSettings(
        Optional<Boolean> registration,
        Duration accessLifetime,
        Duration refreshLifetime,
        Rate signinRate,
        int passwordCost,
        Optional<String> jwks,
        Optional<String> issuer,
        Optional<String> audience,
        String subjectClaim,
        String nameClaim,
        String rolesClaim) {
    static final Setting<Optional<Boolean>> REGISTRATION = Setting.of(
            "auth.registration",
            "true|false",
            "",
            text -> text.isEmpty() ? Optional.empty() : Optional.of(Values.parseFlag(text)),
            "Whether anybody may register; on in the demo, off otherwise.");
    static final Setting<Duration> ACCESS_LIFETIME =
            Values.duration("auth.access-lifetime", "15m", "Life of an access token.");
    static final Setting<Duration> REFRESH_LIFETIME =
            Values.duration("auth.refresh-lifetime", "30d", "Life of a refresh token, from its last use.");
    static final Setting<Rate> SIGNIN_RATE = Values.rate(
            "auth.signin-rate", "10/m", "Sign-in attempts for each address and for each account; 0 = no limit.");
    static final Setting<Integer> PASSWORD_COST = Values.integer(
            "auth.password-cost", 12, 4, 16, "Cost of a bcrypt hash, as the power of two of its rounds.");
    static final Setting<Optional<String>> JWKS =
            Values.optional("auth.jwks", "file or URL", "Key set of an outside issuer (RS256, ES256, EdDSA).");
    static final Setting<Optional<String>> ISSUER =
            Values.optional("auth.issuer", "text", "The iss an outside token must carry; required with auth.jwks.");
    static final Setting<Optional<String>> AUDIENCE =
            Values.optional("auth.audience", "text", "The aud an outside token must carry, where one is set.");
    static final Setting<String> SUBJECT_CLAIM =
            Values.text("auth.subject-claim", "claim", "sub", "Claim of outside tokens that gives the subject.");
    static final Setting<String> NAME_CLAIM =
            Values.text("auth.name-claim", "claim", "name", "Claim of outside tokens that gives the name.");
    static final Setting<String> ROLES_CLAIM = Values.text(
            "auth.roles-claim", "claim", "roles", "Claim of outside tokens that gives the roles; dots go inwards.");
    static final List<Setting<?>> ALL = List.of(
            REGISTRATION,
            ACCESS_LIFETIME,
            REFRESH_LIFETIME,
            SIGNIN_RATE,
            PASSWORD_COST,
            JWKS,
            ISSUER,
            AUDIENCE,
            SUBJECT_CLAIM,
            NAME_CLAIM,
            ROLES_CLAIM);

    static AuthSettings read(SettingsReader in) {
        AuthSettings read = new AuthSettings(
                in.get(REGISTRATION),
                in.get(ACCESS_LIFETIME),
                in.get(REFRESH_LIFETIME),
                in.get(SIGNIN_RATE),
                in.get(PASSWORD_COST),
                in.get(JWKS),
                in.get(ISSUER),
                in.get(AUDIENCE),
                in.get(SUBJECT_CLAIM),
                in.get(NAME_CLAIM),
                in.get(ROLES_CLAIM));
        if (read.jwks().isPresent() && read.issuer().isEmpty()) {
            in.error("auth.issuer: required with auth.jwks, so that only that issuer's tokens are believed");
        }
        if (read.jwks().isPresent() && !isTrustworthy(read.jwks().get())) {
            in.error("auth.jwks: expected a file, https://… or http://… on a loopback address, because who can change"
                    + " the keys can make tokens");
        }
        return read;
    }

    /** Whether an address cannot be forged on the way; by its spelling, because what a name means may change. */
    private static boolean isTrustworthy(String jwks) {
        if (!jwks.matches("(?i)[a-z][a-z0-9+.-]+://.*")) {
            return true;
        }
        try {
            URI address = new URI(jwks);
            String host = String.valueOf(address.getHost());
            return "https".equalsIgnoreCase(address.getScheme())
                    || ("http".equalsIgnoreCase(address.getScheme())
                            && host.matches("localhost|\\[::1\\]|127(\\.\\d{1,3}){3}"));
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
