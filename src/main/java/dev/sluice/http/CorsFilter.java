package dev.sluice.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Lets the browser pages of the allowed origins call (Fetch standard, CORS protocol). An origin that is not on the list
 * gets no header and no answer to its preflight; requests without an origin pass. Immutable.
 */
public final class CorsFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    private static final String REQUEST_HEADERS = "Authorization, Content-Type, X-Request-Id, Last-Event-ID, X-API-Key,"
            + " Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Defer-Length, Upload-Concat,"
            + " Upload-Checksum";
    private static final String EXPOSED_HEADERS =
            "Content-Disposition, Sluice-Estimated-Rows, Sluice-Rows, Sluice-File,"
                    + " Retry-After, X-Request-Id, Location, ETag, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size,"
                    + " Upload-Offset, Upload-Length, Upload-Expires, Upload-Metadata, Upload-Defer-Length, Upload-Concat";

    private final Set<String> allowed;

    public CorsFilter(List<String> origins) {
        this.allowed = Set.copyOf(origins);
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!allowed.isEmpty()) {
            response.addHeader("Vary", "Origin");
        }
        String origin = request.getHeader("Origin");
        boolean isAllowed = origin != null && allowed.contains(origin);
        if (isAllowed) {
            response.setHeader("Access-Control-Allow-Origin", origin);
            response.setHeader("Access-Control-Allow-Credentials", "true");
            response.setHeader("Access-Control-Expose-Headers", EXPOSED_HEADERS);
        }
        if (isPreflight(request)) {
            answer(response, isAllowed);
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean isPreflight(HttpServletRequest request) {
        return request.getMethod().equals("OPTIONS") && request.getHeader("Access-Control-Request-Method") != null;
    }

    private static void answer(HttpServletResponse response, boolean isAllowed) {
        if (isAllowed) {
            response.setHeader("Access-Control-Allow-Methods", METHODS);
            response.setHeader("Access-Control-Allow-Headers", REQUEST_HEADERS);
            response.setHeader("Access-Control-Max-Age", "600");
        }
        response.setStatus(isAllowed ? 204 : 403);
    }
}
