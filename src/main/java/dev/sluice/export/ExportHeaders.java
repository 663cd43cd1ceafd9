package dev.sluice.export;

import dev.sluice.http.ContentDisposition;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.function.LongSupplier;

/** The headers of an export, and its trailer. Stateless. */
final class ExportHeaders {
    private static final String ROWS = "Sluice-Rows";

    private ExportHeaders() {}

    static void set(AsyncContext async, ExportRequest export, ExportRun.Plan plan, LongSupplier rows) {
        HttpServletResponse response = (HttpServletResponse) async.getResponse();
        Format format = plan.options().format();
        response.setContentType(format.contentType());
        response.setHeader(
                "Content-Disposition",
                ContentDisposition.attachment(plan.dataset().name() + "." + format.suffix()));
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no");
        response.setHeader("Sluice-Estimated-Rows", Long.toString(plan.estimatedRows()));
        response.addHeader("Vary", "Accept, Accept-Encoding");
        if (export.gzip()) {
            response.setHeader("Content-Encoding", "gzip");
        }
        HttpServletRequest request = (HttpServletRequest) async.getRequest();
        if (!export.head() && !request.getProtocol().equals("HTTP/1.0")) {
            response.setHeader("Trailer", ROWS);
            response.setTrailerFields(() -> Map.of(ROWS, Long.toString(rows.getAsLong())));
        }
    }
}
