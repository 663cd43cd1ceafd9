package dev.sluice.ops;

import dev.sluice.http.Problem;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Lets no new stream begin while the node goes down: it would be cut, and hold up the others. Thread-safe. */
final class DrainFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    private final transient Drain drain;

    DrainFilter(Drain drain) {
        this.drain = drain;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (drain.isDraining()) {
            throw Problem.draining();
        }
        chain.doFilter(request, response);
    }
}
