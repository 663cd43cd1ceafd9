package dev.sluice.launch;

import java.io.IOException;
import java.io.Writer;
import java.util.Map;
import java.util.UUID;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * Answers the errors that the container finds before the application is asked, as problem documents (RFC 9457) without
 * a word about the container. Thread-safe.
 */
public final class ProblemValve extends ErrorReportValve {
    private static final String ID_HEADER = "X-Request-Id";
    private static final String MALFORMED =
            "The request cannot be read: its address and headers are longer than 32 KiB, or the address has characters that must be percent-encoded";
    private static final Map<Integer, String> TITLES = Map.of(
            400, "The request is malformed",
            403, "Not allowed",
            404, "Not found",
            405, "The method is not allowed here",
            413, "The body is too large",
            414, "The address is too long",
            431, "The request's headers are too large",
            500, "Something went wrong on the server",
            501, "The method is not known here",
            503, "The server is busy");
    private static final Map<Integer, String> CODES = Map.of(
            400, "bad_request",
            403, "forbidden",
            404, "not_found",
            405, "method_not_allowed",
            413, "too_large",
            414, "too_large",
            431, "too_large",
            500, "internal",
            501, "method_not_allowed",
            503, "busy");

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        try {
            write(response, status);
        } catch (IOException e) {
            // The client is gone.
        }
    }

    private static void write(Response response, int status) throws IOException {
        String id = response.getHeader(ID_HEADER);
        if (id == null) {
            id = UUID.randomUUID().toString();
            response.setHeader(ID_HEADER, id);
        }
        response.setContentType("application/problem+json");
        response.setHeader("Cache-Control", "no-store");
        Writer writer = response.getReporter();
        if (writer != null) {
            writer.write(body(status, id));
            response.finishResponse();
        }
    }

    private static String body(int status, String id) {
        String code = CODES.getOrDefault(status, status < 500 ? "bad_request" : "internal");
        String title = TITLES.getOrDefault(status, status < 500 ? TITLES.get(400) : TITLES.get(500));
        return "{\"type\":\"urn:sluice:problem:" + code + "\",\"title\":\"" + title + "\",\"status\":" + status
                + ",\"detail\":\"" + (status == 400 ? MALFORMED : title + ".") + "\",\"code\":\"" + code
                + "\",\"requestId\":\"" + id + "\"}\n";
    }
}
