package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.support.TestDatabase;
import java.util.Optional;

/** The sequencer on the machine's own PostgreSQL, of another version, where it has one. */
class SequencerLocalIT extends SequencerContract {
    @Override
    BrokerDatabase database() {
        Optional<TestDatabase> local = TestDatabase.local();
        assumeThat(local).isPresent();
        return new BrokerDatabase(local.orElseThrow());
    }
}
