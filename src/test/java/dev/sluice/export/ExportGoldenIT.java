package dev.sluice.export;

import dev.sluice.support.TestDatabase;

/** The contract on the PostgreSQL that Sluice carries. */
class ExportGoldenIT extends ExportGoldenContract {
    @Override
    TestDatabase database() {
        return TestDatabase.create();
    }
}
