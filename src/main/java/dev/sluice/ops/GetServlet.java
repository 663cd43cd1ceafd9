package dev.sluice.ops;

import dev.sluice.http.ReadServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Something of the moment that can be looked at and never cached. Stateless. */
abstract class GetServlet extends ReadServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected final void read(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Cache-Control", "no-store");
        get(request, response);
    }

    abstract void get(HttpServletRequest request, HttpServletResponse response) throws IOException;
}
