package dev.sluice.export;

import dev.sluice.auth.Caller;
import dev.sluice.flow.EndReason;
import dev.sluice.flow.GzipSource;
import dev.sluice.flow.Pump;
import dev.sluice.flow.Source;
import dev.sluice.flow.Spool;
import dev.sluice.flow.SpoolSource;
import dev.sluice.flow.Streams;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.Neighbourhood;
import dev.sluice.http.ReadServlet;
import dev.sluice.settings.ExportSettings;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
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

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final transient Catalogue catalogue;
    private final transient Admission admission;
    private final transient Relief relief;
    private final transient Spool spool;
    private final transient Streams streams;
    private final transient Executor workers;
    private final transient ExportMetrics metrics;
    private final transient ExportSettings limits;
    private final transient ClientAddress addresses;
    private final transient InstantSource clock;
    private final transient @Nullable CatalogueServlet list;
    private final transient Optional<FixedExport> fixed;

    /** A path that stands for one dataset in one format. */
    record FixedExport(String dataset, Format format) {}

    ExportServlet(Exports exports, @Nullable CatalogueServlet list, Optional<FixedExport> fixed) {
        this.catalogue = exports.catalogue();
        this.admission = exports.admission();
        this.relief = exports.relief();
        this.spool = exports.spool();
        this.streams = exports.streams();
        this.workers = exports.workers();
        this.metrics = exports.metrics();
        this.limits = exports.limits();
        this.addresses = exports.addresses();
        this.clock = exports.clock();
        this.list = list;
        this.fixed = fixed;
    }

    @Override
    protected void read(HttpServletRequest request, HttpServletResponse response) throws IOException {
        RequestParameters.parse(request.getQueryString()).refuseTokens();
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
        return caller.signedIn() ? "subject " + caller.subject() : "address " + Neighbourhood.of(addresses.of(request));
    }

    private void await(
            HttpServletRequest request, HttpServletResponse response, ExportRequest export, Admission.Place place) {
        AsyncContext async = request.startAsync(request, response);
        async.setTimeout(0); // the pump, the queue and the statement have time-outs of their own
        ExportRun run = new ExportRun(export, catalogue, limits, () -> free(place), workers, clock);
        SpoolSource bytes = spooled(export, run);
        ExportStream stream = new ExportStream(run, bytes, place, relief, metrics);
        ExportReply reply = new ExportReply(export, run);
        place.await(
                () -> workers.execute(() -> start(async, export.name(), bytes, stream, reply)),
                refusal -> workers.execute(() -> refuse(async, stream, reply, refusal)));
        relief.sweep();
    }

    /** One of those who wait has the connection now, and the next of them should soon have another. */
    private void free(Admission.Place place) {
        place.leave();
        relief.sweep();
    }

    private SpoolSource spooled(ExportRequest export, ExportRun run) {
        int largestRow = limits.largestRow();
        Source encoded = export.gzip() ? new GzipSource(run, largestRow) : run;
        Pump.Limits drained = Pump.Limits.ofSource(nextRowTimeout(), largestRow);
        return new SpoolSource(encoded, spool, streams, !export.gzip(), workers, clock, drained, export.name());
    }

    private void start(AsyncContext async, String name, SpoolSource bytes, ExportStream stream, ExportReply reply) {
        AtomicReference<@Nullable Pump> started = new AtomicReference<>();
        relief.began(bytes, () -> Optional.ofNullable(started.get()).ifPresent(ExportServlet::cut));
        try {
            started.set(streams.start(
                    async,
                    stream,
                    workers,
                    new Pump.Limits(
                            limits.stallTimeout(), limits.firstRowTimeout(), nextRowTimeout(), limits.largestRow()),
                    reply,
                    "export",
                    name));
        } catch (IOException e) {
            refuse(async, stream, reply, e);
        }
    }

    /** The statement's own time-out speaks first, as long as the server is there to speak. */
    private Duration nextRowTimeout() {
        return limits.statementTimeout().isZero()
                ? Duration.ZERO
                : limits.statementTimeout().plus(GRACE);
    }

    private static void cut(Pump pump) {
        pump.end(EndReason.SPOOL_FULL, null);
    }

    private static void refuse(AsyncContext async, ExportStream stream, ExportReply reply, Exception refusal) {
        stream.close(EndReason.REFUSED, refusal);
        try {
            reply.fail(
                    (HttpServletRequest) async.getRequest(),
                    (HttpServletResponse) async.getResponse(),
                    EndReason.REFUSED,
                    refusal);
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The client was gone before it could be told", e);
        }
        async.complete();
    }
}
