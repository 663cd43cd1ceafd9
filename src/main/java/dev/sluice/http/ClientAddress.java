package dev.sluice.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Who is calling, behind the proxies that the operator trusts. Forwarded headers of anybody else are ignored, so that
 * nobody can give himself another address. Immutable.
 */
public final class ClientAddress {
    private final Set<String> trusted;

    public ClientAddress(List<String> trustedProxies) {
        this.trusted = Set.copyOf(trustedProxies);
    }

    /** The address of the client: the last one in {@code X-Forwarded-For} that no trusted proxy has. */
    public String of(HttpServletRequest request) {
        String address = request.getRemoteAddr();
        if (!trusted.contains(address)) {
            return address;
        }
        // All lines of it: a proxy may add one of its own below the client's.
        String forwarded = String.join(",", Collections.list(request.getHeaders("X-Forwarded-For")));
        String[] hops = forwarded.isEmpty() ? new String[0] : forwarded.split(",", -1);
        for (int i = hops.length - 1; i >= 0 && trusted.contains(address); i--) {
            address = hops[i].strip();
        }
        return address;
    }

    /** Whether the client came by HTTPS. */
    public boolean isSecure(HttpServletRequest request) {
        boolean forwarded = trusted.contains(request.getRemoteAddr())
                && "https".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto"));
        return forwarded || request.isSecure();
    }

    /** The origin of this server as the browser knows it: scheme, host and, unless it is the usual one, port. */
    public String origin(HttpServletRequest request) {
        String host = request.getHeader("Host");
        if (trusted.contains(request.getRemoteAddr()) && request.getHeader("X-Forwarded-Host") != null) {
            host = request.getHeader("X-Forwarded-Host");
        }
        return (isSecure(request) ? "https://" : "http://") + host;
    }
}
