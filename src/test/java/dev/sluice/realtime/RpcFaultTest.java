package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.Caller;
import dev.sluice.broker.Broker;
import dev.sluice.broker.local.LocalBroker;
import dev.sluice.broker.local.LocalLimits;
import dev.sluice.broker.local.LocalStreams;
import dev.sluice.channel.Channels;
import dev.sluice.db.Database;
import dev.sluice.flow.Budget;
import dev.sluice.flow.Outboxes;
import dev.sluice.realtime.centrifugo.Centrifugo;
import dev.sluice.realtime.centrifugo.ConnectionTokens;
import dev.sluice.realtime.centrifugo.RpcException;
import dev.sluice.settings.DatabaseSettings;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Methods of an application that fail: in the way that is theirs, and in another. */
class RpcFaultTest {
    private final InstantSource clock = InstantSource.system();
    private final Settings settings = Settings.read(SettingsSources.ofContext(Map.of(), Map.of()));
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Outboxes outboxes = new Outboxes(new Outboxes.Limits(100, 100_000, Duration.ofDays(1)), clock);
    private final Broker broker = new LocalBroker(
            new LocalStreams(Channels.retention(settings.channels()), LocalLimits.DEFAULT, clock, clock, meters));
    private final Channels channels = new Channels(
            settings.channels(),
            broker,
            broker,
            nowhere(),
            token -> Map.of(),
            Map.of(),
            clock,
            clock,
            new Budget(clock),
            meters);
    private final Centrifugo centrifugo = new Centrifugo(
            channels,
            token -> new ConnectionTokens.Login(Caller.anonymous(), false),
            Map.of(
                    "refuses",
                    (caller, data) -> {
                        throw new RpcException(417, "not today");
                    },
                    "breaks",
                    (caller, data) -> {
                        throw new IllegalStateException("a bug, and nobody else's business");
                    }),
            true,
            Duration.ofSeconds(30),
            clock);

    @AfterEach
    void close() {
        outboxes.close();
        centrifugo.close();
        channels.close();
        broker.close();
    }

    @Test
    void aMethodThatRefusesIsAnsweredAndOneThatBreaksEndsTheConnectionAsAMistakeOfTheServer() throws Exception {
        FakeSession session = new FakeSession(new Handshake(Caller.anonymous(), "here", false));
        Connection connection =
                new Acceptor(sockets(), centrifugo).accept(session.session()).orElseThrow();
        connection.part("{\"id\":1,\"connect\":{}}", true);
        connection.part("{\"id\":2,\"rpc\":{\"method\":\"refuses\"}}", true);
        connection.part("{\"id\":3,\"rpc\":{\"method\":\"breaks\"}}", true);
        connection.part("{\"id\":4,\"rpc\":{\"method\":\"refuses\"}}", true);

        assertThat(session.closed.get(10, TimeUnit.SECONDS).getCloseCode().getCode())
                .isEqualTo(3004);
        assertThat(session.closed.join().getReasonPhrase()).isEqualTo("internal server error");
        assertThat(session.sent)
                .hasSize(2)
                .last()
                .isEqualTo("{\"id\":2,\"error\":{\"code\":417,\"message\":\"not today\"}}");
    }

    private Sockets sockets() {
        return new Sockets(
                settings.realtime(),
                outboxes,
                new Wheel(clock.millis()),
                new SessionRegistry(settings.realtime()),
                new Upgrades(settings.realtime(), outboxes::now, Optional.empty()),
                new Nobody(),
                new ConnectionMetrics(meters, outboxes),
                new AtomicLong(),
                clock,
                Optional.empty());
    }

    /** A database that nobody asks. */
    private static Database nowhere() {
        return Database.unpooled(
                "none",
                new DatabaseSettings(
                        Optional.of("jdbc:postgresql://127.0.0.1:1/none"),
                        Optional.empty(),
                        Optional.empty(),
                        1,
                        Duration.ofSeconds(1)));
    }

    private static final class Nobody implements Identities {
        @Override
        public Caller authenticate(String token) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Collection<Caller> revoked(Collection<Caller> callers) {
            return List.of();
        }
    }
}
