package dev.sluice.realtime.centrifugo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.channel.ChannelException;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Centrifugo's server API: each method is a path below {@code /api/}, and {@code batch} is several in one request. Errors
 * are answered with 200 and an {@code error}, as its clients expect; who may come is decided in front. No thread waits for
 * the database. Thread-safe.
 */
final class ServerApi extends HttpServlet {
    private static final String BATCH = "batch";
    /** Paths that there are. */
    static final List<String> PATHS =
            Stream.concat(ServerMethods.NAMES.stream(), Stream.of(BATCH)).toList();

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(ServerApi.class);
    /** The attribute of a request whose answer had to be waited for. */
    private static final String ANSWER = ServerApi.class.getName() + ".answer";

    private static final int COMMANDS_MOST = 1000;
    private static final long LONGEST_SECONDS = 30;

    private final transient ServerMethods methods;
    private final transient RequestBodies bodies;
    private final transient Executor workers;

    /** @param workers begin the commands of a batch that had to wait for others */
    ServerApi(ServerMethods methods, RequestBodies bodies, Executor workers) {
        this.methods = methods;
        this.bodies = bodies;
        this.workers = workers;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getDispatcherType() == DispatcherType.ASYNC) {
            send(response, String.valueOf(request.getAttribute(ANSWER)));
            return;
        }
        if (!request.getMethod().equals("POST")) {
            throw new ProblemException(ErrorCode.METHOD_NOT_ALLOWED, "Use POST.").header("Allow", "POST");
        }
        String path = request.getServletPath();
        ObjectNode params = Json.readExactObject(request, bodies);
        CompletableFuture<String> answer = answer(path.substring(path.lastIndexOf('/') + 1), params);
        if (answer.isDone()) {
            send(response, answer.join());
        } else {
            sendLater(request, response, answer);
        }
    }

    private static void send(HttpServletResponse response, String answer) throws IOException {
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        response.setContentType("application/json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** No thread waits; the container gives one for the answer, because a slow client makes it block. */
    private static void sendLater(
            HttpServletRequest request, HttpServletResponse response, CompletionStage<String> answer) {
        AsyncContext async = request.startAsync(request, response);
        // There is an answer in time, whatever happens.
        async.setTimeout(0);
        answer.whenComplete((body, error) -> {
            try {
                request.setAttribute(ANSWER, body);
                async.dispatch();
            } catch (IllegalStateException e) {
                LOG.debug("The container had ended the request already", e);
            }
        });
    }

    /** Completes in time, and never fails. */
    private CompletableFuture<String> answer(String method, ObjectNode params) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        try {
            CompletableFuture<String> answer = method.equals(BATCH)
                    ? inTime(batch(params, deadline), deadline + TimeUnit.SECONDS.toNanos(1))
                    : inTime(outcome(method, params, "result"), deadline);
            return answer.exceptionally(ServerApi::broken);
        } catch (FaultException e) {
            return CompletableFuture.completedFuture(ServerMethods.error(e));
        }
    }

    private static String broken(Throwable error) {
        LOG.error("The server API failed", error);
        return ServerMethods.error(new FaultException(Fault.INTERNAL));
    }

    /** What takes too long goes on, but nobody hears of it. */
    private static CompletableFuture<String> inTime(CompletableFuture<String> outcome, long deadline) {
        return outcome.completeOnTimeout(
                ServerMethods.error(new FaultException(Fault.INTERNAL, "It took too long.")),
                Math.max(0, deadline - System.nanoTime()),
                TimeUnit.NANOSECONDS);
    }

    // -- Several at once

    /** One after the other, unless they may go side by side; one that fails leaves the others as they are. */
    private CompletableFuture<String> batch(ObjectNode params, long deadline) {
        JsonNode commands = params.path("commands");
        if (!commands.isArray() || commands.size() > COMMANDS_MOST) {
            throw new FaultException(
                    Fault.BAD_REQUEST, "\"commands\" is a list of at most " + COMMANDS_MOST + " commands.");
        }
        boolean isParallel = params.path("parallel").asBoolean(false);
        List<CompletableFuture<String>> replies = new ArrayList<>();
        CompletableFuture<String> before = CompletableFuture.completedFuture("");
        for (JsonNode command : commands) {
            before = isParallel ? command(command, deadline) : after(before, () -> command(command, deadline));
            replies.add(before);
        }
        return CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new))
                .thenApply(all -> replies.stream()
                        .map(CompletableFuture::join)
                        .collect(Collectors.joining(",", "{\"replies\":[", "]}")));
    }

    /** What had to wait is begun by a worker: who ended the waiting has other things to do. */
    private CompletableFuture<String> after(
            CompletableFuture<String> before, Supplier<CompletableFuture<String>> next) {
        return before.isDone() ? next.get() : before.thenComposeAsync(reply -> next.get(), workers);
    }

    /** A command of a batch: {@code {"publish": {…}}}. */
    private CompletableFuture<String> command(JsonNode command, long deadline) {
        return ServerMethods.NAMES.stream()
                .filter(name -> command.path(name) instanceof ObjectNode)
                .findFirst()
                .map(name -> inTime(outcome(name, (ObjectNode) command.path(name), name), deadline))
                .orElseGet(() -> CompletableFuture.completedFuture(
                        ServerMethods.error(new FaultException(Fault.METHOD_NOT_FOUND))));
    }

    /** Completes with a result under this name, or with an error. */
    private CompletableFuture<String> outcome(String method, ObjectNode params, String name) {
        return begun(method, params)
                .handle((result, error) ->
                        error == null ? "{\"" + name + "\":" + result + "}" : ServerMethods.error(fault(error)))
                .toCompletableFuture();
    }

    private CompletionStage<String> begun(String method, ObjectNode params) {
        try {
            return methods.begin(method, params);
        } catch (ChannelException | FaultException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    static FaultException fault(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        if (cause instanceof FaultException known) {
            return known;
        }
        if (cause instanceof ChannelException refused) {
            return FaultException.of(refused);
        }
        throw new IllegalStateException("channels fail in one way only", cause);
    }
}
