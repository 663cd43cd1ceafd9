package dev.sluice.realtime;

import dev.sluice.auth.Caller;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Neighbourhood;
import dev.sluice.http.ProblemException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every socket: lets pages of this server and of the allowed origins through, refuses when even refusing on
 * the socket has become too much, and hands on who calls. Thread-safe.
 */
final class UpgradeFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private final transient Upgrades upgrades;
    private final transient ClientAddress addresses;
    private final transient Set<String> origins;
    private final boolean demo;

    UpgradeFilter(Upgrades upgrades, ClientAddress addresses, Set<String> origins, boolean demo) {
        this.upgrades = upgrades;
        this.addresses = addresses;
        this.origins = Set.copyOf(origins);
        this.demo = demo;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!isUpgrade(request)) {
            throw new ProblemException(ErrorCode.UPGRADE_REQUIRED, "A WebSocket is here.")
                    .header("Upgrade", "websocket")
                    .header("Connection", "Upgrade");
        }
        Handshake handshake = handshake(request);
        if (!isAllowed(request, handshake.caller())) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "Pages of this origin may not connect.");
        }
        if (upgrades.isFull()) {
            throw new ProblemException(ErrorCode.BUSY, "There are too many connections.").retryAfter(5);
        }
        chain.doFilter(new Upgrade(request, handshake), response);
    }

    private static boolean isUpgrade(HttpServletRequest request) {
        return request.getMethod().equals("GET")
                && String.valueOf(request.getHeader("Upgrade"))
                        .toLowerCase(Locale.ROOT)
                        .contains("websocket");
    }

    private Handshake handshake(HttpServletRequest request) {
        String address = Neighbourhood.of(addresses.of(request));
        return new Handshake(Caller.of(request), address, Caller.isRefused(request));
    }

    /**
     * A browser names the origin of the page and sends along what it can of the user's; other programs have none. They,
     * and pages without an origin of their own (files, sandboxed frames), are let in by their token, or in the demo.
     */
    private boolean isAllowed(HttpServletRequest request, Caller caller) {
        String origin = request.getHeader("Origin");
        if (origin == null) {
            // Without a page nobody is tricked; what is said first has to hold a token, unless this is the demo.
            return true;
        }
        return origins.contains(origin)
                || isSame(origin, addresses.origin(request))
                || (origin.equals("null") && (demo || caller.signedIn()));
    }

    private static boolean isSame(String origin, String own) {
        return origin.equalsIgnoreCase(own);
    }

    /** The handshake as the request's principal: the container hands that on to the socket, and nothing else of it. */
    private static final class Upgrade extends HttpServletRequestWrapper {
        private final Handshake handshake;

        Upgrade(HttpServletRequest request, Handshake handshake) {
            super(request);
            this.handshake = handshake;
        }

        @Override
        public @Nullable Principal getUserPrincipal() {
            return handshake;
        }
    }
}
