package dev.sluice.auth;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A servlet of a few paths, each with its methods. A path ends in a name, or in <code>{id}</code> for any name.
 * Thread-safe once built.
 */
final class Endpoints extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final String ID = "{id}";

    private final transient Map<String, Map<String, Handler>> paths = new LinkedHashMap<>();

    /** Answers one request; {@code id} is the last name of its path. */
    @FunctionalInterface
    interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response, String id)
                throws IOException, SQLException;
    }

    Endpoints on(String method, String path, Handler handler) {
        paths.computeIfAbsent(path, p -> new TreeMap<>()).put(method, handler);
        return this;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        response.setHeader("Cache-Control", "no-store");
        String path = request.getPathInfo() == null ? "" : request.getPathInfo();
        String id = path.substring(path.lastIndexOf('/') + 1);
        Handler handler = handler(request.getMethod(), methods(path, id));
        try {
            handler.handle(request, response, id);
        } catch (SQLException e) {
            throw new ServletException(e);
        }
    }

    private Map<String, Handler> methods(String path, String id) {
        Map<String, Handler> exact = paths.get(path);
        if (exact != null) {
            return exact;
        }
        Map<String, Handler> any = id.isEmpty() ? null : paths.get(path.substring(0, path.lastIndexOf('/') + 1) + ID);
        if (any == null) {
            throw new ProblemException(ErrorCode.NOT_FOUND, "There is nothing at this path.");
        }
        return any;
    }

    private static Handler handler(String method, Map<String, Handler> methods) {
        Handler handler = methods.get(method.equals("HEAD") ? "GET" : method);
        if (handler == null) {
            String allowed = String.join(", ", methods.keySet()).replace("GET", "GET, HEAD");
            throw new ProblemException(ErrorCode.METHOD_NOT_ALLOWED, "Use " + allowed + ".").header("Allow", allowed);
        }
        return handler;
    }
}
