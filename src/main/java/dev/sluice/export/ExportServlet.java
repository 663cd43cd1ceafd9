package dev.sluice.export;

import dev.sluice.auth.Caller;
import dev.sluice.flow.EndReason;
import dev.sluice.flow.GzipSource;
import dev.sluice.flow.Pump;
import dev.sluice.flow.Source;
import dev.sluice.flow.Streams;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.http.ReadServlet;
import dev.sluice.settings.ExportSettings;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET|HEAD /api/export/{dataset}}: one query result, streamed. The container's thread only reads the request; the
 * database is asked by workers, and only while the client takes what it gets. Thread-safe.
 */
final class ExportServlet extends ReadServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(ExportServlet.class);
    /** The largest encoded row; one that is larger fails its export. */
    private static final int LARGEST_ROW = 256 * 1024 * 1024;

    private final transient Catalogue catalogue;
    private final transient Admission admission;
    private final transient Streams streams;
    private final transient Executor workers;
    private final transient ExportMetrics metrics;
    private final transient ExportSettings limits;
    private final transient ClientAddress addresses;
    private final transient @Nullable CatalogueServlet list;
    private final transient Optional<FixedExport> fixed;

    /** A path that stands for one dataset in one format. */
    record FixedExport(String dataset, Format format) {}

    ExportServlet(Exports exports, @Nullable CatalogueServlet list, Optional<FixedExport> fixed) {
        this.catalogue = exports.catalogue();
        this.admission = exports.admission();
        this.streams = exports.streams();
        this.workers = exports.workers();
        this.metrics = exports.metrics();
        this.limits = exports.limits();
        this.addresses = exports.addresses();
        this.list = list;
        this.fixed = fixed;
    }

    @Override
    protected void read(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<String> name = name(request);
        if (name.isEmpty() && list != null) {
            list.answer(request, response);
            return;
        }
        ExportRequest export = ExportRequest.of(request, name.orElse(""), fixed.map(FixedExport::format), catalogue);
        Admission.Place place = admission.enter(callerKey(export.caller(), request));
        try {
            await(request, response, export, place);
        } catch (Throwable e) {
            place.close();
            throw e;
        }
    }

    private Optional<String> name(HttpServletRequest request) {
        if (fixed.isPresent()) {
            return fixed.map(FixedExport::dataset);
        }
        String path = request.getPathInfo();
        return path == null || path.equals("/")
                ? RequestParameters.parse(request.getQueryString()).single("dataset")
                : Optional.of(path.substring(1));
    }

    /** Whose exports are counted together: the caller's, or the address's when nobody signed in. */
    private String callerKey(Caller caller, HttpServletRequest request) {
        return caller.signedIn() ? "subject " + caller.subject() : "address " + addresses.of(request);
    }

    private void await(
            HttpServletRequest request, HttpServletResponse response, ExportRequest export, Admission.Place place) {
        AsyncContext async = request.startAsync(request, response);
        async.setTimeout(0); // the pump, the queue and the statement have time-outs of their own
        ExportRun run = new ExportRun(export, catalogue, limits, place, metrics, workers);
        place.await(
                () -> workers.execute(() -> start(async, export, run)),
                refusal -> workers.execute(() -> {
                    run.close(EndReason.REFUSED, refusal);
                    reply(async, refusal);
                }));
    }

    private void start(AsyncContext async, ExportRequest export, ExportRun run) {
        try {
            ExportRun.Plan plan = run.prepare();
            ExportHeaders.set(async, export, plan, run::rows);
            if (export.head()) {
                run.close(EndReason.COMPLETE, null);
                async.complete();
            } else {
                pump(async, export, run, plan);
            }
        } catch (ProblemException e) {
            run.close(EndReason.REFUSED, e);
            reply(async, e);
        } catch (Throwable e) {
            run.close(EndReason.SOURCE_FAILED, e);
            reply(async, problem(EndReason.SOURCE_FAILED, e));
        }
    }

    private void pump(AsyncContext async, ExportRequest export, ExportRun run, ExportRun.Plan plan) throws IOException {
        Source source = export.gzip() ? new GzipSource(run, LARGEST_ROW) : run;
        streams.start(
                async,
                source,
                workers,
                new Pump.Limits(limits.stallTimeout(), limits.firstRowTimeout(), LARGEST_ROW),
                (context, reason, error) -> send(context, problem(reason, error)),
                "export",
                plan.dataset().name());
    }

    private static void reply(AsyncContext async, ProblemException problem) {
        try {
            send(async, problem);
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The client was gone before it could be told", e);
        }
        async.complete();
    }

    private static void send(AsyncContext async, ProblemException problem) throws IOException {
        Problem.send((HttpServletRequest) async.getRequest(), (HttpServletResponse) async.getResponse(), problem);
    }

    private static ProblemException problem(EndReason reason, @Nullable Throwable error) {
        if (reason == EndReason.FIRST_BYTE_TIMEOUT) {
            return SqlErrors.timeout();
        }
        if (error instanceof SQLException sql) {
            return SqlErrors.of(sql);
        }
        return Problem.of(error == null ? new IllegalStateException("ended: " + reason) : error);
    }
}
