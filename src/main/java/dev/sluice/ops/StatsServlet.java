package dev.sluice.ops;

import dev.sluice.http.Json;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** The figures of this node as JSON. Thread-safe. */
final class StatsServlet extends GetServlet {
    private static final long serialVersionUID = 1L;

    private final transient Stats stats;

    StatsServlet(Stats stats) {
        this.stats = stats;
    }

    @Override
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Json.send(response, 200, stats.now());
    }
}
