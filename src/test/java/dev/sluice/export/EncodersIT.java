package dev.sluice.export;

import dev.sluice.support.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** The contract on the PostgreSQL that Sluice carries. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncodersIT extends EncodersContract {
    private TestDatabase database;

    @BeforeAll
    void create() {
        database = TestDatabase.create();
    }

    @AfterAll
    void drop() {
        database.close();
    }

    @Override
    TestDatabase database() {
        return database;
    }
}
