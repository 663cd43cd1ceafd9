package dev.sluice.auth;

import dev.sluice.http.ClientAddress;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The refresh token as a cookie that only the refresh path sees and no script can read. A browser sends it by itself,
 * so whoever asks must come from our own pages or an allowed origin. Immutable.
 */
final class RefreshCookie {
    static final String NAME = "sluice_refresh";
    private static final String PATH = "/api/auth/refresh";

    private final ClientAddress addresses;
    private final Set<String> origins;
    private final Duration lifetime;

    RefreshCookie(ClientAddress addresses, List<String> origins, Duration lifetime) {
        this.addresses = addresses;
        this.origins = origins.stream().map(RefreshCookie::lower).collect(Collectors.toSet());
        this.lifetime = lifetime;
    }

    void set(HttpServletRequest request, HttpServletResponse response, String token) {
        add(request, response, token, lifetime);
    }

    void clear(HttpServletRequest request, HttpServletResponse response) {
        add(request, response, "", Duration.ZERO);
    }

    /**
     * The token in the cookie.
     *
     * @throws ProblemException 403 when another site's page asks
     */
    Optional<String> read(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        for (Cookie cookie : cookies == null ? new Cookie[0] : cookies) {
            if (cookie.getName().equals(NAME) && !cookie.getValue().isEmpty()) {
                requireOrigin(request);
                return Optional.of(cookie.getValue());
            }
        }
        return Optional.empty();
    }

    private void requireOrigin(HttpServletRequest request) {
        String origin = lower(origin(request));
        if (!origin.equals(lower(addresses.origin(request))) && !origins.contains(origin)) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "The cookie is for this server's own pages.");
        }
    }

    /** Who asks: {@code Origin}, and for the few that send none the origin of {@code Referer}. */
    private static String origin(HttpServletRequest request) {
        String origin = request.getHeader("Origin");
        return origin == null ? originOf(request.getHeader("Referer")) : origin;
    }

    private static String originOf(@Nullable String address) {
        try {
            URI uri = URI.create(address == null ? "" : address);
            return uri.getScheme() + "://" + uri.getRawAuthority();
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private void add(HttpServletRequest request, HttpServletResponse response, String value, Duration age) {
        Cookie cookie = new Cookie(NAME, value);
        cookie.setPath(request.getContextPath() + PATH);
        cookie.setHttpOnly(true);
        cookie.setSecure(addresses.isSecure(request));
        cookie.setMaxAge((int) Math.min(age.toSeconds(), Integer.MAX_VALUE));
        cookie.setAttribute("SameSite", "Strict");
        response.addCookie(cookie);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
