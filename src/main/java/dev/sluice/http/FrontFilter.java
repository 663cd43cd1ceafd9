package dev.sluice.http;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in front of everything: gives the request its id, the response its security headers, turns whatever is thrown
 * into a problem document and writes the access log once the response is over. Thread-safe.
 */
public final class FrontFilter extends HttpFilter {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(FrontFilter.class);

    private final transient ClientAddress addresses;
    private final transient AccessLog accessLog;
    private final transient RequestBodies bodies;
    private final transient InstantSource clock;

    public FrontFilter(ClientAddress addresses, RequestBodies bodies, InstantSource clock) {
        this.addresses = addresses;
        this.bodies = bodies;
        this.accessLog = new AccessLog(addresses);
        this.clock = clock;
    }

    @Override
    protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Instant start = clock.instant();
        response.setHeader(RequestId.HEADER, RequestId.of(request));
        SecurityHeaders.set(response, addresses.isSecure(request));
        try {
            chain.doFilter(request, response);
        } catch (Throwable error) {
            fail(request, response, error);
        }
        if (request.isAsyncStarted()) {
            request.getAsyncContext().addListener(new LogAtEnd(request, response, start));
        } else {
            accessLog.write(request, response, "done", since(start));
            answerBeforeTheRest(request, response);
        }
    }

    /** The client gets its answer at once; what it goes on to send is not waited for longer than for any body. */
    private void answerBeforeTheRest(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (bodies.isLeftOver(request)) {
            response.flushBuffer();
            bodies.discard(request);
        }
    }

    private void fail(HttpServletRequest request, HttpServletResponse response, Throwable error)
            throws IOException, ServletException {
        ProblemException problem = Problem.of(error);
        if (problem.code() == ErrorCode.INTERNAL) {
            LOG.error("Request {} failed", RequestId.of(request), error);
        }
        if (bodies.isBroken(request)) {
            return;
        }
        if (response.isCommitted()) {
            // Only a broken connection tells the client that the body is not whole.
            throw new IOException("failed after the response was committed", error);
        }
        Problem.send(request, response, problem);
        if (request.isAsyncStarted()) {
            // Nobody else will: what was to answer has failed.
            request.getAsyncContext().complete();
        }
    }

    private Duration since(Instant start) {
        return Duration.between(start, clock.instant());
    }

    private final class LogAtEnd implements AsyncListener {
        private final HttpServletRequest request;
        private final HttpServletResponse response;
        private final Instant start;
        private String outcome = "done";

        private LogAtEnd(HttpServletRequest request, HttpServletResponse response, Instant start) {
            this.request = request;
            this.response = response;
            this.start = start;
        }

        @Override
        public void onComplete(AsyncEvent event) {
            accessLog.write(request, response, outcome, since(start));
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            outcome = "timeout";
        }

        @Override
        public void onError(AsyncEvent event) {
            outcome = "broken";
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
