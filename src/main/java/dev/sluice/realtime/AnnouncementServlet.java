package dev.sluice.realtime;

import dev.sluice.channel.ChannelException;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Channels;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionException;

/** Tells everybody something: the body, a JSON object, as it is. Waits until other nodes are sure to hear. Thread-safe. */
final class AnnouncementServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Realtime realtime;
    private final transient RequestBodies bodies;

    AnnouncementServlet(Realtime realtime, RequestBodies bodies) {
        this.realtime = realtime;
        this.bodies = bodies;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getMethod().equals("POST")) {
            throw new ProblemException(ErrorCode.METHOD_NOT_ALLOWED, "Use POST.").header("Allow", "POST");
        }
        String announcement = Json.readObject(request, bodies).toString();
        if (announcement.getBytes(StandardCharsets.UTF_8).length > Channels.DATA_MOST) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE, "An announcement has at most " + Channels.DATA_MOST + " bytes.");
        }
        Json.send(response, 200, Map.of("told", announce(announcement)));
    }

    private int announce(String announcement) {
        try {
            return realtime.announceToAll(announcement).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw problem(e);
        }
    }

    private static ProblemException problem(CompletionException error) {
        if (error.getCause() instanceof ChannelException refused && refused.reason() == Reason.BAD_REQUEST) {
            return new ProblemException(ErrorCode.INVALID_VALUE, String.valueOf(refused.getMessage()));
        }
        return new ProblemException(ErrorCode.BUSY, "The other nodes cannot be told now; nobody was. Try again.")
                .header("Retry-After", "5");
    }
}
