package dev.sluice.broker.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Broker;
import dev.sluice.broker.BrokerContract;
import dev.sluice.broker.History.Query;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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

    @Test
    void noMoreIsReadAtOnceThanIsHandedOn() {
        int count = 60;
        int enough = Archive.ENOUGH_BYTES / LARGE_BYTES + 1;
        publishLarge(count);

        assertThat(read(b, Query.after(0, 300))).isEqualTo(offsets(1, enough));
        assertThat(read(b, Query.after(0, 3))).containsExactly(1L, 2L, 3L);
        assertThat(read(b, Query.newest(300))).hasSize(enough).startsWith((long) count);
    }

    @Override
    protected void pass(Duration time) {
        String interval = " - interval '" + time.toSeconds() + " seconds'";
        database.execute(
                "UPDATE sluice.stream SET created = created" + interval,
                "UPDATE sluice.idempotency SET created = created" + interval);
    }
}
