package dev.sluice.auth;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Who is calling; all that features know of identity. Immutable.
 *
 * @param subject a stable text: an account's id, {@code issuer|subject} of an outside token; empty for nobody
 * @param name what people call the caller
 * @param roles what the caller may do; empty for nobody
 * @param claims the claims of the token as JSON values, for row-level security; empty for nobody
 */
public record Caller(String subject, String name, Set<String> roles, Map<String, Object> claims) {
    /** The role that may do everything. */
    public static final String ADMIN = "admin";

    private static final String ATTRIBUTE = Caller.class.getName();
    private static final String REFUSED = Caller.class.getName() + ".refused";
    private static final Caller ANONYMOUS = new Caller("", "", Set.of(), Map.of());

    public Caller {
        roles = Set.copyOf(roles);
        claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }

    /** Nobody in particular. */
    public static Caller anonymous() {
        return ANONYMOUS;
    }

    /** The caller of this request, {@link #anonymous()} unless the filter in front found somebody. */
    public static Caller of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Caller caller ? caller : ANONYMOUS;
    }

    /** Whether the request had a token that is not valid, on a path that says so in its own way. */
    public static boolean isRefused(HttpServletRequest request) {
        return request.getAttribute(REFUSED) != null;
    }

    public boolean signedIn() {
        return !subject.isEmpty();
    }

    public boolean hasRole(String role) {
        return roles.contains(role);
    }

    /** Whether the caller's credential goes beyond reading; one whose claim {@code scope} is {@code read} does not. */
    public boolean mayWrite() {
        return !"read".equals(claims.get("scope"));
    }

    static void refuse(HttpServletRequest request) {
        request.setAttribute(REFUSED, true);
    }

    void attachTo(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }
}
