package dev.sluice.channel;

import static dev.sluice.channel.Eventually.await;
import static dev.sluice.channel.TestSubscriber.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.broker.Broker;
import dev.sluice.broker.Position;
import dev.sluice.broker.Retention;
import dev.sluice.broker.postgres.PostgresBroker;
import dev.sluice.db.Database;
import dev.sluice.db.Migrations;
import dev.sluice.settings.DatabaseSettings;
import dev.sluice.support.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes on one PostgreSQL. */
@SuppressWarnings("NullAway.Init") // begun before all tests
class ChannelsPostgresIT extends ChannelsContract {
    private static TestDatabase server;
    private static DatabaseSettings settings;
    private static Database database;

    @BeforeAll
    static void create() {
        server = TestDatabase.create();
        settings = new DatabaseSettings(
                Optional.of(server.jdbcUrl()),
                Optional.of(server.user()),
                Optional.of(server.password()),
                5,
                Duration.ofSeconds(15));
        Migrations.run(Database.unpooled("start", settings), "sluice", "db/migration");
        database = Database.open("state", settings, Duration.ofSeconds(5), new SimpleMeterRegistry());
    }

    @AfterAll
    static void drop() {
        database.close();
        server.close();
    }

    @Override
    Broker broker(Function<String, Retention> retention) {
        long begin = System.nanoTime();
        return new PostgresBroker(
                database,
                settings,
                retention,
                100_000,
                () -> Instant.EPOCH.plusNanos(System.nanoTime() - begin),
                new SimpleMeterRegistry());
    }

    @Test
    void what_an_application_publishes_from_sql_is_heard() {
        TestSubscriber ann = node().join("1", "ann", channel);
        server.execute("SELECT sluice.publish('" + channel + "', '{\"state\": \"paid\"}'::jsonb)");
        await(() -> ann.messages().size() == 1);

        assertThat(ann.messages().get(0)).contains("paid");
    }

    @Test
    void nothing_is_lost_when_all_nodes_are_started_anew() throws Exception {
        TestSubscriber ann = node().join("1", "ann", channel);
        publish(node(), 1, 3);
        await(() -> ann.messages().size() == 3);
        Position since = ann.events(Event.Message.class).get(1).publication().position();
        publish(node(), 4, 5);
        stop();
        start();
        Subscribed answer = node().ask(
                        node().connect("2", "ann"), SubscribeRequest.to(channel).withSince(since))
                .get();

        assertThat(answer.recovered()).isTrue();
        assertThat(offsets(answer.publications())).containsExactly(3L, 4L, 5L);
    }
}
