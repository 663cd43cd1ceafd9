package dev.sluice.export;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.support.TestDatabase;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** The contract on the machine's own PostgreSQL, of another version, where it has one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncodersLocalIT extends EncodersContract {
    private Optional<TestDatabase> database = Optional.empty();

    @BeforeAll
    void create() {
        database = TestDatabase.local();
        assumeThat(database).isPresent();
    }

    @AfterAll
    void drop() {
        database.ifPresent(TestDatabase::close);
    }

    @Override
    TestDatabase database() {
        return database.orElseThrow();
    }
}
