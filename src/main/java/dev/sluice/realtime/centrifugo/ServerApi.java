package dev.sluice.realtime.centrifugo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.channel.ChannelException;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Centrifugo's server API: each method is a path below {@code /api/}, and {@code batch} is several in one request. Errors
 * are answered with 200 and an {@code error}, as its clients expect; who may come is decided in front. Thread-safe.
 */
final class ServerApi extends HttpServlet {
    private static final String BATCH = "batch";
    /** Paths that there are. */
    static final List<String> PATHS =
            Stream.concat(ServerMethods.NAMES.stream(), Stream.of(BATCH)).toList();

    private static final long serialVersionUID = 1L;
    private static final int COMMANDS_MOST = 1000;
    private static final long LONGEST_SECONDS = 30;

    private final transient ServerMethods methods;
    private final transient RequestBodies bodies;

    ServerApi(ServerMethods methods, RequestBodies bodies) {
        this.methods = methods;
        this.bodies = bodies;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getMethod().equals("POST")) {
            throw new ProblemException(ErrorCode.METHOD_NOT_ALLOWED, "Use POST.").header("Allow", "POST");
        }
        String path = request.getServletPath();
        ObjectNode params = Json.readExactObject(request, bodies);
        byte[] body = answer(path.substring(path.lastIndexOf('/') + 1), params).getBytes(StandardCharsets.UTF_8);
        response.setContentType("application/json");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    private String answer(String method, ObjectNode params) {
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
            return method.equals(BATCH) ? batch(params, deadline) : await(outcome(method, params, "result"), deadline);
        } catch (FaultException e) {
            return ServerMethods.error(e);
        }
    }

    // -- Several at once

    /** One after the other, unless they may go side by side; one that fails leaves the others as they are. */
    private String batch(ObjectNode params, long deadline) {
        JsonNode commands = params.path("commands");
        if (!commands.isArray() || commands.size() > COMMANDS_MOST) {
            throw new FaultException(
                    Fault.BAD_REQUEST, "\"commands\" is a list of at most " + COMMANDS_MOST + " commands.");
        }
        boolean isParallel = params.path("parallel").asBoolean(false);
        List<CompletableFuture<String>> replies = new ArrayList<>();
        for (JsonNode command : commands) {
            CompletableFuture<String> reply = command(command);
            replies.add(isParallel ? reply : CompletableFuture.completedFuture(await(reply, deadline)));
        }
        return replies.stream()
                .map(reply -> await(reply, deadline))
                .collect(Collectors.joining(",", "{\"replies\":[", "]}"));
    }

    /** A command of a batch: {@code {"publish": {…}}}. */
    private CompletableFuture<String> command(JsonNode command) {
        return ServerMethods.NAMES.stream()
                .filter(name -> command.path(name) instanceof ObjectNode)
                .findFirst()
                .map(name -> outcome(name, (ObjectNode) command.path(name), name))
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

    private static String await(CompletableFuture<String> outcome, long deadline) {
        try {
            return outcome.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            return ServerMethods.error(new FaultException(Fault.INTERNAL, "It took too long."));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ServerMethods.error(new FaultException(Fault.INTERNAL));
        }
    }
}
