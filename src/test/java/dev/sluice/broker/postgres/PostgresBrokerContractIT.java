package dev.sluice.broker.postgres;

import dev.sluice.broker.Broker;
import dev.sluice.broker.BrokerContract;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** What every broker must do, on the PostgreSQL that Sluice carries. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresBrokerContractIT extends BrokerContract {
    private BrokerDatabase database;

    @BeforeAll
    void create() {
        database = make();
    }

    BrokerDatabase make() {
        return BrokerDatabase.create();
    }

    @AfterAll
    void drop() throws Exception {
        database.close();
    }

    @Override
    protected Broker node() {
        return database.broker(BrokerContract::retention);
    }

    @Override
    protected void pass(Duration time) {
        String interval = " - interval '" + time.toSeconds() + " seconds'";
        database.execute(
                "UPDATE sluice.stream SET created = created" + interval,
                "UPDATE sluice.idempotency SET created = created" + interval);
    }
}
