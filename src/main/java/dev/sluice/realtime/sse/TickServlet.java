package dev.sluice.realtime.sse;

import dev.sluice.flow.EndReason;
import dev.sluice.flow.Reply;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.http.ReadServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** {@code GET|HEAD /api/events/stream}: begins a stream and lets the container's thread go. Thread-safe. */
final class TickServlet extends ReadServlet {
    private static final long serialVersionUID = 1L;

    private final transient TickStreams streams;

    TickServlet(TickStreams streams) {
        this.streams = streams;
    }

    @Override
    protected void read(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getMethod().equals("HEAD")) {
            describe(response);
        } else {
            streams.start(request, response, new EventReply());
        }
    }

    private static void describe(HttpServletResponse response) {
        response.setContentType("text/event-stream; charset=utf-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no");
    }

    /** Stateless. */
    private static final class EventReply implements Reply {
        @Override
        public void begin(HttpServletRequest request, HttpServletResponse response) {
            describe(response);
        }

        @Override
        public void fail(
                HttpServletRequest request, HttpServletResponse response, EndReason reason, @Nullable Throwable error)
                throws IOException {
            Problem.send(
                    request,
                    response,
                    new ProblemException(ErrorCode.BUSY, "The stream was ended before it began.").retryAfter(1));
        }
    }
}
