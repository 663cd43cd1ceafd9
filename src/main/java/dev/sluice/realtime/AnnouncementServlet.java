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
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells everybody something: the body, a JSON object, as it is. Waits for a while until other nodes are sure to hear.
 * Thread-safe.
 */
final class AnnouncementServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Function<String, CompletionStage<Integer>> everybody;
    private final transient RequestBodies bodies;
    private final Duration patience;

    /**
     * @param everybody is told; gives how many there are on this node
     * @param patience how long it may take until others are sure to hear
     */
    AnnouncementServlet(Function<String, CompletionStage<Integer>> everybody, RequestBodies bodies, Duration patience) {
        this.everybody = everybody;
        this.bodies = bodies;
        this.patience = patience;
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

    /** @throws ProblemException 400 or 503 when it cannot be told */
    int announce(String announcement) {
        CompletableFuture<Integer> told = everybody.apply(announcement).toCompletableFuture();
        try {
            return told.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw problem(e.getCause());
        } catch (TimeoutException e) {
            throw givenUp(told);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw givenUp(told);
        }
    }

    /** Given up: nobody here is told any more, but others may be. */
    private static ProblemException givenUp(CompletableFuture<Integer> told) {
        told.cancel(false);
        return busy("The other nodes take too long to be told; some may be. Try again.");
    }

    private static ProblemException problem(@Nullable Throwable error) {
        if (error instanceof ChannelException refused && refused.reason() == Reason.BAD_REQUEST) {
            return new ProblemException(ErrorCode.INVALID_VALUE, String.valueOf(refused.getMessage()));
        }
        return busy("The other nodes cannot be told now; nobody was. Try again.");
    }

    private static ProblemException busy(String detail) {
        return new ProblemException(ErrorCode.BUSY, detail).retryAfter(5);
    }
}
