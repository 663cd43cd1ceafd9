package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.support.TestDatabase;
import java.util.Optional;

/** What every broker must do, on the machine's own PostgreSQL, of another version, where it has one. */
class PostgresBrokerLocalContractIT extends PostgresBrokerContractIT {
    @Override
    BrokerDatabase make() {
        Optional<TestDatabase> local = TestDatabase.local();
        assumeThat(local).isPresent();
        return new BrokerDatabase(local.orElseThrow());
    }
}
