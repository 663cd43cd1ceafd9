package dev.sluice.export;

import dev.sluice.export.ExportTime.Phase;
import dev.sluice.flow.Buffer;
import dev.sluice.flow.EndReason;
import dev.sluice.flow.Source;
import dev.sluice.flow.SpoolSource;
import dev.sluice.http.ProblemException;
import org.jspecify.annotations.Nullable;

/**
 * One export as its client sees it, to the last byte, be it from the database or from the spool; counted when it is over.
 * Used as every {@link Source}.
 */
final class ExportStream implements Source {
    private final ExportRun run;
    private final SpoolSource bytes;
    private final Admission.Place place;
    private final Relief relief;
    private final ExportMetrics metrics;
    private final ExportTime time = new ExportTime();

    ExportStream(ExportRun run, SpoolSource bytes, Admission.Place place, Relief relief, ExportMetrics metrics) {
        this.run = run;
        this.bytes = bytes;
        this.place = place;
        this.relief = relief;
        this.metrics = metrics;
    }

    @Override
    public Step fill(Buffer buffer, Runnable wakeUp) throws Exception {
        time.in(Phase.DATABASE);
        Step step = bytes.fill(buffer, () -> {
            // Should what the database has found wait now, then for the client.
            time.in(Phase.CLIENT);
            wakeUp.run();
        });
        if (step != Step.WAIT) {
            time.in(Phase.CLIENT);
        }
        return step;
    }

    @Override
    public void cancel() {
        bytes.cancel();
    }

    @Override
    public void close(EndReason reason, @Nullable Throwable error) {
        try {
            bytes.close(reason, error);
        } finally {
            relief.ended(bytes);
            place.forget();
            time.in(Phase.CLIENT);
            metrics.ended(counted(reason, error), run.lane(), run.rows(), run.bytes(), time);
        }
    }

    private static EndReason counted(EndReason reason, @Nullable Throwable error) {
        return error instanceof ProblemException ? EndReason.REFUSED : reason;
    }
}
