package dev.sluice.app;

import dev.sluice.auth.Auth;
import dev.sluice.auth.Caller;
import dev.sluice.broker.Broker;
import dev.sluice.broker.Retention;
import dev.sluice.broker.local.LocalBroker;
import dev.sluice.broker.local.LocalLimits;
import dev.sluice.broker.local.LocalStreams;
import dev.sluice.broker.postgres.PostgresBroker;
import dev.sluice.channel.Channels;
import dev.sluice.db.Database;
import dev.sluice.db.Migrations;
import dev.sluice.export.Exports;
import dev.sluice.flow.Budget;
import dev.sluice.flow.Spool;
import dev.sluice.flow.Streams;
import dev.sluice.http.ClientAddress;
import dev.sluice.http.RequestBodies;
import dev.sluice.ops.Operations;
import dev.sluice.realtime.Identities;
import dev.sluice.realtime.Realtime;
import dev.sluice.realtime.centrifugo.Centrifugo;
import dev.sluice.realtime.centrifugo.ConnectionTokens;
import dev.sluice.realtime.chat.Chat;
import dev.sluice.realtime.chat.Mutes;
import dev.sluice.realtime.gateway.Gateway;
import dev.sluice.realtime.sse.TickStreams;
import dev.sluice.settings.Settings;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: makes everything, wires it by constructors, and closes it in the opposite order. One for each web
 * application; made and closed by its listener.
 */
final class Sluice implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sluice.class);
    private static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(5);
    private static final long SWEEP_MILLIS = 200;

    private final Settings settings;
    private final Path temporary;
    private final Deque<AutoCloseable> closeLater = new ArrayDeque<>();
    /** For time stamps. */
    private final InstantSource clock = InstantSource.system();
    /** For durations. */
    private final InstantSource ticks = new MonotonicClock();

    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ClientAddress addresses;
    private final RequestBodies bodies;
    private final Budget budget;
    private final Streams streams;
    private final Database database;
    private final Auth auth;
    private final Exports exports;
    private final Mutes mutes;
    private final Channels channels;
    private final Centrifugo centrifugo;
    private final Chat chat;
    private final Gateway gateway;
    private final Realtime realtime;
    private final TickStreams tickStreams;
    private final Operations operations;

    /**
     * Starts everything.
     *
     * @param temporary a folder for what need not outlive this node
     * @throws StartException in one line that says what to do
     */
    Sluice(Settings settings, Path temporary) {
        this.settings = settings;
        this.temporary = temporary;
        this.addresses = new ClientAddress(settings.server().trustedProxies());
        this.bodies = new RequestBodies(
                settings.server().bodyLimit(), settings.server().bodyTimeout(), ticks);
        this.budget = new Budget(ticks);
        this.streams = new Streams(ticks, budget);
        try {
            closeLater.push(metrics::close);
            ReachableDatabases.require(settings);
            this.database = opened(Database.open("state", settings.state(), ACQUIRE_TIMEOUT, metrics));
            prepare(Database.unpooled("start", settings.state()));
            this.auth = opened(makeAuth());
            this.exports = opened(makeExports());
            this.mutes = opened(new Mutes(database, clock, budget));
            this.channels = opened(makeChannels());
            this.centrifugo = opened(makeCentrifugo());
            this.chat = opened(
                    new Chat(channels, mutes, settings.chat(), settings.demo().enabled(), clock));
            this.gateway = opened(new Gateway(settings.demo().enabled(), settings.chat(), channels, clock, metrics));
            this.realtime = opened(makeRealtime());
            this.tickStreams = new TickStreams(streams, budget, clock, ticks);
            this.operations = opened(new Operations(
                    settings,
                    streams,
                    new Leaving(exports, realtime, tickStreams),
                    budget,
                    database,
                    metrics,
                    addresses,
                    ticks));
            exports.check();
            mutes.start();
            channels.start();
            startTimer();
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    Settings settings() {
        return settings;
    }

    ClientAddress addresses() {
        return addresses;
    }

    RequestBodies bodies() {
        return bodies;
    }

    InstantSource ticks() {
        return ticks;
    }

    Exports exports() {
        return exports;
    }

    Centrifugo centrifugo() {
        return centrifugo;
    }

    Realtime realtime() {
        return realtime;
    }

    TickStreams tickStreams() {
        return tickStreams;
    }

    Chat chat() {
        return chat;
    }

    Operations operations() {
        return operations;
    }

    Auth auth() {
        return auth;
    }

    private Auth makeAuth() {
        Auth made = new Auth(
                database,
                settings.auth(),
                settings.demo(),
                addresses,
                settings.server().corsOrigins(),
                bodies,
                clock,
                ticks,
                metrics);
        try {
            made.start();
        } catch (SQLException e) {
            throw new StartException("The accounts cannot be read: " + firstLine(e), e);
        }
        return made;
    }

    private Exports makeExports() {
        return new Exports(
                settings.export(),
                settings.state(),
                settings.exported(),
                OwnDatasets.of(settings.demo().enabled()),
                settings.datasets(),
                streams,
                new Spool(
                        temporary.resolve("spool"),
                        settings.export().spoolBudget(),
                        settings.export().spooled()),
                budget,
                addresses,
                ticks,
                metrics);
    }

    private Channels makeChannels() {
        Function<String, Retention> retention = Channels.retention(settings.channels());
        Broker local = opened(new LocalBroker(new LocalStreams(retention, LocalLimits.DEFAULT, clock, ticks, metrics)));
        Broker shared = opened(new PostgresBroker(
                database, settings.state(), retention, settings.channels().maxStored(), ticks, metrics));
        Channels made = new Channels(
                settings.channels(),
                local,
                shared,
                database,
                token -> auth.verifySubscription(token, settings.channels().tokenSecret()),
                Map.of(Chat.NAMESPACE, Chat.stamp(mutes, settings.chat(), clock)),
                clock,
                ticks,
                budget,
                metrics);
        budget.register(made.gauge("rooms", Chat.NAMESPACE));
        return made;
    }

    private Realtime makeRealtime() {
        boolean demo = settings.demo().enabled();
        Realtime made = new Realtime(
                settings.realtime(),
                demo,
                settings.server().corsOrigins(),
                addresses,
                new AuthIdentities(auth),
                channels,
                budget,
                metrics,
                clock,
                ticks);
        made.add(gateway);
        made.add(chat);
        made.add(centrifugo);
        return made;
    }

    private Centrifugo makeCentrifugo() {
        return new Centrifugo(
                channels,
                this::connectionToken,
                Map.of(),
                settings.demo().enabled(),
                settings.realtime().heartbeat(),
                clock);
    }

    /** The application's own, where it shares a secret with us, or any that opens other doors. */
    private ConnectionTokens.Login connectionToken(String token) throws SQLException {
        Optional<Caller> user =
                settings.channels().tokenSecret().flatMap(secret -> auth.verifyApplication(token, secret));
        return user.isPresent()
                ? new ConnectionTokens.Login(user.get(), true)
                : new ConnectionTokens.Login(auth.authenticate(token), false);
    }

    /** On connections of its own: a table is filled, or changed, in more time than a request has. */
    private void prepare(Database start) {
        migrate(start);
        prepareDemo(start);
    }

    private static void migrate(Database start) {
        try {
            Migrations.run(start, "sluice", "db/migration");
        } catch (RuntimeException e) {
            throw new StartException("A migration of the schema sluice failed: " + oneLine(e), e);
        }
    }

    private void prepareDemo(Database start) {
        if (!settings.demo().enabled()) {
            return;
        }
        try {
            new DemoData(start, settings.demo()).prepare();
        } catch (SQLException | RuntimeException e) {
            throw new StartException("The demo data cannot be made: " + firstLine(e), e);
        }
    }

    private static String oneLine(Throwable error) {
        return String.join(" ", String.valueOf(error.getMessage()).split("\\s+"));
    }

    private static String firstLine(Throwable error) {
        return String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    }

    private void startTimer() {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "sluice-timer");
            thread.setDaemon(true);
            return thread;
        });
        ScheduledFuture<?> sweeping =
                timer.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        closeLater.push(() -> {
            sweeping.cancel(false);
            timer.shutdownNow();
        });
    }

    private void sweep() {
        sweep(streams::sweep);
        sweep(tickStreams::sweep);
        sweep(exports::sweep);
        sweep(realtime::sweep);
        sweep(channels::sweep);
    }

    /** Whatever goes wrong once, the time-outs must go on. */
    private static void sweep(Runnable sweep) {
        try {
            sweep.run();
        } catch (Throwable e) {
            LOG.error("A sweep failed", e);
        }
    }

    /** Sign-in, as sockets need it. */
    private record AuthIdentities(Auth auth) implements Identities {
        @Override
        public Caller authenticate(String token) throws SQLException {
            return auth.authenticate(token);
        }

        @Override
        public Collection<Caller> revoked(Collection<Caller> callers) throws SQLException {
            return auth.revoked(callers);
        }
    }

    /** What has to end when this node goes down, beside the streams that end by themselves. */
    private record Leaving(Exports exports, Realtime realtime, TickStreams tickStreams) implements Operations.Leaving {
        @Override
        public void begin() {
            exports.drain();
            realtime.drain();
            tickStreams.drain();
        }

        @Override
        public void await(Duration atMost) throws InterruptedException {
            realtime.awaitDrained(atMost);
        }
    }

    private <T extends AutoCloseable> T opened(T opened) {
        closeLater.push(opened);
        return opened;
    }

    @Override
    public void close() {
        while (!closeLater.isEmpty()) {
            try {
                closeLater.pop().close();
            } catch (Exception e) {
                LOG.warn("Something could not be closed", e);
            }
        }
    }
}
