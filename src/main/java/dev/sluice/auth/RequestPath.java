package dev.sluice.auth;

import jakarta.servlet.http.HttpServletRequest;

/** The path of a request within the application, as the container maps it: decoded and normalised. Stateless. */
final class RequestPath {
    private RequestPath() {}

    static String of(HttpServletRequest request) {
        String rest = request.getPathInfo();
        return rest == null ? request.getServletPath() : request.getServletPath() + rest;
    }
}
