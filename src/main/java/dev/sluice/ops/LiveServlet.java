package dev.sluice.ops;

import dev.sluice.http.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** Says that the process answers; looks at nothing else, so that nobody restarts it for a database that is away. */
final class LiveServlet extends GetServlet {
    private static final long serialVersionUID = 1L;

    @Override
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Json.send(response, 200, Map.of("status", "live"));
    }
}
