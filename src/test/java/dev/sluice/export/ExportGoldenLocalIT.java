package dev.sluice.export;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.support.TestDatabase;
import java.util.Optional;

/** The contract on the machine's own PostgreSQL, of another version, where it has one. */
class ExportGoldenLocalIT extends ExportGoldenContract {
    @Override
    TestDatabase database() {
        Optional<TestDatabase> local = TestDatabase.local();
        assumeThat(local).isPresent();
        return local.orElseThrow();
    }
}
