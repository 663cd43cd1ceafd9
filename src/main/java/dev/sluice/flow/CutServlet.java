package dev.sluice.flow;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Breaks a connection in the only way the servlet API has: a dispatch that throws after the response was committed. The
 * container then closes the connection without the end of the body, and the client can tell cut from complete. From
 * outside its path does not exist. Stateless.
 */
public final class CutServlet extends HttpServlet {
    /** Where it must be registered. */
    public static final String PATH = "/.cut";

    private static final long serialVersionUID = 1L;

    static void cut(AsyncContext async) {
        async.dispatch(PATH);
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (request.getDispatcherType() != DispatcherType.ASYNC) {
            response.sendError(HttpServletResponse.SC_NOT_FOUND);
            return;
        }
        throw new StreamCut();
    }

    /** Carries no stack trace: it is a signal to the container, the cause was logged where it happened. */
    private static final class StreamCut extends IOException {
        private static final long serialVersionUID = 1L;

        StreamCut() {
            super("The stream was cut");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
