package dev.sluice.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Something that can only be read: GET and HEAD, and 405 with {@code Allow} for the rest (RFC 9110, 15.5.6). Stateless. */
public abstract class ReadServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected final void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
            throw new ProblemException(ErrorCode.METHOD_NOT_ALLOWED, "This can only be read.")
                    .header("Allow", "GET, HEAD");
        }
        read(request, response);
    }

    /** Answers; the container keeps the body of an answer to HEAD to itself. */
    protected abstract void read(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException;
}
