package dev.sluice.export;

import dev.sluice.flow.Budget;
import dev.sluice.flow.Spool;
import dev.sluice.flow.Streams;
import dev.sluice.flow.Workers;
import dev.sluice.http.ClientAddress;
import dev.sluice.settings.DatabaseSettings;
import dev.sluice.settings.DatasetSettings;
import dev.sluice.settings.ExportSettings;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServlet;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * The door of exports: the catalogue, the limits and the pools, and the servlets in front of them. Thread-safe; one for
 * each node, closed once.
 */
public final class Exports implements AutoCloseable {
    /** For each connection: who fills from it, who reads ahead of him, and who cancels both. */
    private static final int WORKERS_FOR_EACH = 3;
    /** For exports without a connection: they are served from the spool, or refused. */
    private static final int WORKERS_BESIDE = 2;

    private final ExportSettings limits;
    private final Streams streams;
    private final ClientAddress addresses;
    private final ExportDatabase state;
    private final ExportDatabase exported;
    private final List<Dataset> declared;
    private final Catalogue catalogue;
    private final Admission admission;
    private final Relief relief;
    private final Spool spool;
    private final ExportMetrics metrics;
    private final ExecutorService workers;
    private final InstantSource clock;

    /**
     * @param state Sluice's own database, where datasets of its own live
     * @param exported the database that is exported; without an address it is the state's
     * @param own datasets in Sluice's own database
     * @param declared datasets in the exported database
     */
    public Exports(
            ExportSettings limits,
            DatabaseSettings state,
            DatabaseSettings exported,
            List<DatasetSettings> own,
            List<DatasetSettings> declared,
            Streams streams,
            Spool spool,
            Budget budget,
            ClientAddress addresses,
            InstantSource clock,
            MeterRegistry metrics) {
        this.limits = limits;
        this.streams = streams;
        this.spool = spool;
        this.clock = clock;
        this.addresses = addresses;
        boolean isSame = exported.url().isEmpty();
        this.state = new ExportDatabase(isSame ? "export" : "export-own", state, limits, metrics);
        this.exported = isSame ? this.state : new ExportDatabase("export", exported, limits, metrics);
        List<Dataset> datasets = new ArrayList<>();
        own.forEach(dataset -> datasets.add(Dataset.of(dataset, this.state)));
        this.declared = declared.stream()
                .map(dataset -> Dataset.of(dataset, this.exported))
                .toList();
        datasets.addAll(this.declared);
        this.catalogue = new Catalogue(datasets, limits.schemas(), this.exported, clock);
        this.admission = new Admission(limits, clock);
        this.relief = new Relief(admission, limits, clock, Runtime.getRuntime().availableProcessors());
        this.metrics = new ExportMetrics(metrics);
        this.workers = Workers.create("export", WORKERS_FOR_EACH * limits.concurrency() + WORKERS_BESIDE);
        budget.register(new Budget.Gauge("exports.running", admission::running, limits.concurrency()));
        budget.register(new Budget.Gauge("exports.waiting", admission::waiting, limits.queue()));
        budget.register(new Budget.Gauge("exports.spooled", spool::open, limits.spooled()));
        budget.register(new Budget.Gauge("exports.spoolBytes", spool::used, limits.spoolBudget()));
        budget.register(new Budget.Gauge("exports.connections", this.exported::active, this.exported.size()));
    }

    /** {@code /api/export} and all below it. */
    public HttpServlet servlet() {
        return new ExportServlet(this, new CatalogueServlet(catalogue, limits.rlsRole()), Optional.empty());
    }

    /**
     * A short path that is one dataset in one format.
     *
     * @param format {@code csv}, {@code ndjson} or {@code json}
     */
    public HttpServlet shortPath(String dataset, String format) {
        Format known = Format.valueOf(format.toUpperCase(java.util.Locale.ROOT));
        return new ExportServlet(this, null, Optional.of(new ExportServlet.FixedExport(dataset, known)));
    }

    /** Tells operators which declared datasets do not fit the exported database; takes some seconds at most. */
    public void check() {
        new DatasetChecks(exported, limits.rlsRole(), clock).run(declared);
    }

    /** Refuses what has waited for too long, and frees connections that slow clients hold; to be called a few times in a second. */
    public void sweep() {
        admission.sweep();
        relief.sweep();
    }

    /** Refuses what waits for its turn, now and from now on: this node goes down. */
    public void drain() {
        admission.close();
    }

    @Override
    public void close() {
        workers.shutdown();
        exported.close();
        state.close();
    }

    Catalogue catalogue() {
        return catalogue;
    }

    Admission admission() {
        return admission;
    }

    Relief relief() {
        return relief;
    }

    Spool spool() {
        return spool;
    }

    Streams streams() {
        return streams;
    }

    ExecutorService workers() {
        return workers;
    }

    ExportMetrics metrics() {
        return metrics;
    }

    ExportSettings limits() {
        return limits;
    }

    InstantSource clock() {
        return clock;
    }

    ClientAddress addresses() {
        return addresses;
    }
}
