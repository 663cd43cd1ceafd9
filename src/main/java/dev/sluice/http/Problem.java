package dev.sluice.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Writes errors as {@code application/problem+json} (RFC 9457), with {@code code} and {@code requestId} beside the
 * standard members. Stateless.
 */
public final class Problem {
    private Problem() {}

    /**
     * Answers with the error. Everything written before is discarded; the response must not be committed.
     *
     * @throws IllegalStateException when the response is committed already
     */
    public static void send(HttpServletRequest request, HttpServletResponse response, ProblemException problem)
            throws IOException {
        resetBody(response);
        response.setStatus(problem.code().status());
        response.setHeader("Cache-Control", "no-store");
        problem.headers().forEach(response::setHeader);
        if (problem.code().status() == 401) {
            response.setHeader("WWW-Authenticate", "Bearer");
        }
        byte[] body = Json.bytes(body(problem, RequestId.of(request)));
        response.setContentType("application/problem+json");
        response.setContentLength(body.length);
        if (!request.getMethod().equals("HEAD")) {
            response.getOutputStream().write(body);
        }
    }

    /** What went wrong, as the client may know it. */
    public static ProblemException of(Throwable error) {
        if (error instanceof ProblemException problem) {
            return problem;
        }
        if (isOfConnectionLoss(error)) {
            return new ProblemException(
                            ErrorCode.DATABASE_UNAVAILABLE, "The database cannot be reached; try again.", error)
                    .retryAfter(2);
        }
        return new ProblemException(
                ErrorCode.INTERNAL, "The server could not answer; its log has this request's id.", error);
    }

    /** A node that goes down lets nothing new begin. */
    public static ProblemException draining() {
        return new ProblemException(ErrorCode.DRAINING, "This node is going down; try again, at another one.")
                .retryAfter(5);
    }

    /** Whether the database is away, rather than unwilling (SQLSTATE classes 08 and 57P). */
    public static boolean isConnectionLoss(SQLException error) {
        String state = error.getSQLState();
        return error instanceof SQLTransientConnectionException
                || (state != null && (state.startsWith("08") || state.startsWith("57P") || state.equals("53300")));
    }

    private static boolean isOfConnectionLoss(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && isConnectionLoss(sql)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Tells operators what went wrong, where that is not the loss of a database: its pool tells of that, once and not for
     * each caller.
     */
    public static void log(Logger log, String what, Throwable error) {
        if (isOfConnectionLoss(error)) {
            log.debug(what, error);
        } else {
            log.warn("{}: {}", what, error.toString());
        }
    }

    private static Map<String, Object> body(ProblemException problem, String requestId) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "urn:sluice:problem:" + problem.code().code());
        body.put("title", problem.code().title());
        body.put("status", problem.code().status());
        body.put("detail", problem.detail());
        body.put("code", problem.code().code());
        body.put("requestId", requestId);
        return body;
    }

    /** Takes back the headers that describe a body which will not come. */
    private static void resetBody(HttpServletResponse response) {
        response.resetBuffer();
        response.setCharacterEncoding((String) null);
        for (String header : new String[] {
            "Content-Disposition", "Content-Encoding", "Content-Length", "ETag", "Trailer", "Sluice-Estimated-Rows"
        }) {
            response.setHeader(header, null);
        }
    }
}
