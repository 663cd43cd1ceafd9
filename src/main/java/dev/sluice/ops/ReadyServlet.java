package dev.sluice.ops;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** Says whether this node should be given requests. Thread-safe. */
final class ReadyServlet extends GetServlet {
    private static final long serialVersionUID = 1L;

    private final transient Drain drain;
    private final transient DatabaseProbe probe;

    ReadyServlet(Drain drain, DatabaseProbe probe) {
        this.drain = drain;
        this.probe = probe;
    }

    @Override
    void get(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (drain.isDraining()) {
            throw Problem.draining();
        }
        if (!probe.isReachable()) {
            throw new ProblemException(ErrorCode.DATABASE_UNAVAILABLE, "The state database does not answer.")
                    .retryAfter(2);
        }
        Json.send(response, 200, Map.of("status", "ready"));
    }
}
