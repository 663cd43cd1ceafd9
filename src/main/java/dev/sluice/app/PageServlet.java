package dev.sluice.app;

import dev.sluice.http.ReadServlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** A page at a path without its suffix. Thread-safe. */
final class PageServlet extends ReadServlet {
    private static final long serialVersionUID = 1L;

    private final String file;

    PageServlet(String file) {
        this.file = file;
    }

    @Override
    protected void read(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        request.getRequestDispatcher(file).forward(request, response);
    }
}
