package dev.sluice.http;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;

/**
 * Turns the container's own errors ({@code sendError}) into problem documents, so that all errors look alike. From
 * outside its path does not exist. Stateless.
 */
public final class ErrorServlet extends HttpServlet {
    /** Where it must be registered, and named as the error page in web.xml. */
    public static final String PATH = "/.error";

    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (response.isCommitted()) {
            return;
        }
        if (response.getHeader(RequestId.HEADER) == null) {
            // Refused before any filter: TRACE, a path that nobody may have.
            response.setHeader(RequestId.HEADER, RequestId.of(request));
            SecurityHeaders.set(response, request.isSecure());
        }
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        int code = request.getDispatcherType() == DispatcherType.ERROR && status instanceof Integer number
                ? number
                : HttpServletResponse.SC_NOT_FOUND;
        Problem.send(request, response, problem(code));
    }

    private static ProblemException problem(int status) {
        return Arrays.stream(ErrorCode.values())
                .filter(code -> code.status() == status)
                .findFirst()
                .map(code -> new ProblemException(code, detail(code)))
                .orElseGet(() -> new ProblemException(
                        status < 500 ? ErrorCode.BAD_REQUEST : ErrorCode.INTERNAL, "The server refused the request."));
    }

    private static String detail(ErrorCode code) {
        return switch (code) {
            case NOT_FOUND -> "There is nothing at this path.";
            case METHOD_NOT_ALLOWED -> "See the Allow header for what this path takes.";
            default -> code.title() + ".";
        };
    }
}
