package dev.sluice.export;

import dev.sluice.flow.BufferFullException;
import dev.sluice.flow.EndReason;
import dev.sluice.flow.Reply;
import dev.sluice.http.ContentDisposition;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers of an export and its trailer, or the problem in their place. One for each export. */
final class ExportReply implements Reply {
    private static final String ROWS = "Sluice-Rows";

    private final ExportRequest export;
    private final ExportRun run;

    ExportReply(ExportRequest export, ExportRun run) {
        this.export = export;
        this.run = run;
    }

    @Override
    public void begin(HttpServletRequest request, HttpServletResponse response) {
        ExportRun.Plan plan = run.plan();
        Format format = plan.options().format();
        response.setContentType(format.contentType());
        response.setHeader(
                "Content-Disposition",
                ContentDisposition.attachment(plan.dataset().name() + "." + format.suffix()));
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no");
        response.setHeader(
                "Sluice-Estimated-Rows", Long.toString(plan.estimate().rows()));
        response.addHeader("Vary", "Accept, Accept-Encoding");
        if (export.gzip()) {
            response.setHeader("Content-Encoding", "gzip");
        }
        if (!export.head() && !request.getProtocol().equals("HTTP/1.0")) {
            response.setHeader("Trailer", ROWS);
            response.setTrailerFields(() -> Map.of(ROWS, Long.toString(run.rows())));
        }
    }

    @Override
    public void fail(
            HttpServletRequest request, HttpServletResponse response, EndReason reason, @Nullable Throwable error)
            throws IOException {
        Problem.send(request, response, problem(reason, error));
    }

    private static ProblemException problem(EndReason reason, @Nullable Throwable error) {
        if (reason == EndReason.FIRST_BYTE_TIMEOUT) {
            return SqlErrors.timeout();
        }
        if (error instanceof SQLException sql) {
            return SqlErrors.of(sql);
        }
        if (error instanceof BufferFullException) {
            return SqlErrors.rowTooLarge(error);
        }
        return Problem.of(error == null ? new IllegalStateException("ended: " + reason) : error);
    }
}
