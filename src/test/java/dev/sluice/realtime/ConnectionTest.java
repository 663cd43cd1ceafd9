package dev.sluice.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.auth.Caller;
import dev.sluice.flow.Outboxes;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.Rate;
import dev.sluice.settings.RealtimeSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The times and the ends of a connection, by a clock that only the test moves. */
class ConnectionTest {
    private static final Duration PING = Duration.ofSeconds(30);
    private static final Duration PONG = Duration.ofSeconds(10);
    static final RealtimeSettings SETTINGS = new RealtimeSettings(
            10,
            2,
            0,
            new Rate(5, Duration.ofSeconds(1)),
            Rate.UNLIMITED,
            PING,
            PONG,
            Duration.ofSeconds(10),
            1000,
            5000,
            100,
            1000,
            Duration.ofSeconds(10));

    private final AtomicLong millis = new AtomicLong(1_700_000_000_000L);
    private final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
    /** Its writes are in real time, which no test's clock may judge. */
    private final Outboxes outboxes = new Outboxes(new Outboxes.Limits(100, 1000, Duration.ofDays(1)), clock);

    private final Wheel wheel = new Wheel(clock.millis());
    private final SessionRegistry registry = new SessionRegistry(SETTINGS);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong incoming = new AtomicLong();
    private final Sockets sockets = new Sockets(
            SETTINGS,
            outboxes,
            wheel,
            registry,
            new Upgrades(SETTINGS, outboxes::now, Optional.empty()),
            new Issuers(),
            new ConnectionMetrics(meters, outboxes),
            incoming,
            clock,
            Optional.empty());
    private final Scripted protocol = new Scripted();
    private final List<FakeSession> sessions = new ArrayList<>();

    @AfterEach
    void close() {
        outboxes.close();
    }

    @Test
    void whoIsNotEstablishedInTimeIsClosed() throws Exception {
        protocol.establishes = false;
        FakeSession session = open(Caller.anonymous());
        pass(Duration.ofMillis(9_900));
        assertThat(session.closed).isNotDone();

        pass(Duration.ofMillis(600));

        assertThat(code(session)).isEqualTo(4001);
        assertThat(protocol.end()).isEqualTo(Ending.STALE);
    }

    @Test
    void whoseTokenCannotBeJudgedNowMayComeAgainWithIt() throws Exception {
        assertThat(codeAfter("of one who is away")).isEqualTo(1011);
        assertThat(codeAfter("of nobody")).isEqualTo(4001);
    }

    private int codeAfter(String token) throws Exception {
        FakeSession session = open(Caller.anonymous());
        Envelope auth = Envelope.read("{\"type\":\"auth\",\"payload\":{\"token\":\"" + token + "\"}}");
        assertThat(new TokenMessages(protocol.connection()).authenticate(auth)).isFalse();
        return code(session);
    }

    @Test
    void theTokensEndIsTheConnectionsEnd() throws Exception {
        FakeSession session = open(caller("ann", clock.instant().plusSeconds(100)));
        live(session, Duration.ofMillis(99_800));
        assertThat(session.closed).isNotDone();

        live(session, Duration.ofMillis(700));

        assertThat(code(session)).isEqualTo(4001);
        assertThat(protocol.end()).isEqualTo(Ending.EXPIRED);
    }

    @Test
    void aNewerTokenPutsTheEndOffAndSomebodyElsesDoesNot() throws Exception {
        FakeSession session = open(caller("ann", clock.instant().plusSeconds(100)));
        Connection connection = protocol.connection();
        connection.refresh(caller("ann", clock.instant().plusSeconds(200)));
        assertThatThrownBy(
                        () -> connection.refresh(caller("ben", clock.instant().plusSeconds(900))))
                .isInstanceOf(ProblemException.class);
        live(session, Duration.ofSeconds(199));
        assertThat(session.closed).isNotDone();

        live(session, Duration.ofSeconds(2));

        assertThat(code(session)).isEqualTo(4001);
    }

    @Test
    void anEndBeyondAllTimeIsNotInThePast() throws Exception {
        FakeSession session = open(new Caller("ann", "ann", Set.of(), Map.of("exp", Long.MAX_VALUE)));
        live(session, Duration.ofSeconds(100));

        assertThat(session.closed).isNotDone();
        assertThat(protocol.connection().expiresInMillis())
                .isGreaterThan(Duration.ofDays(365_000).toMillis());
    }

    @Test
    void whoGivesNoSignOfLifeIsGone() throws Exception {
        open(Caller.anonymous());
        pass(PING.plus(PONG.multipliedBy(3)).plusSeconds(2));

        assertThat(protocol.end()).isEqualTo(Ending.NO_PONG);
        assertThat(registry.count()).isZero();
        assertThat(registry.keys()).isZero();
    }

    @Test
    void whomTheQuestionHasNotReachedNeedNotAnswer() throws Exception {
        FakeSession session = open(Caller.anonymous());
        writeSlowly(session);
        pass(PING.plus(PONG).multipliedBy(3));
        assertThat(protocol.ended).isNotDone();

        session.complete();
        pass(PING.plus(PONG.multipliedBy(3)).plusSeconds(2));

        assertThat(protocol.end()).isEqualTo(Ending.NO_PONG);
    }

    @Test
    void whoTakesSomethingNowAndThenNeedNotHaveAnswered() throws Exception {
        FakeSession session = open(Caller.anonymous());
        for (int i = 0; i < 40; i++) {
            writeSlowly(session);
            pass(PONG.dividedBy(2));
            session.complete();
            session.sent.clear();
        }
        assertThat(protocol.ended).isNotDone();
    }

    private void writeSlowly(FakeSession session) {
        session.late = true;
        protocol.connection().send("slow");
        await().until(() -> session.sent.contains("slow"));
    }

    @Test
    void whoAnswersStays() throws Exception {
        FakeSession session = open(Caller.anonymous());
        live(session, Duration.ofMinutes(5));

        assertThat(session.closed).isNotDone();
        await().untilAsserted(() -> assertThat(session.sent).hasSizeBetween(9, 11));
    }

    @Test
    void aSessionThatTheContainerClosedInSilenceIsFound() throws Exception {
        FakeSession session = open(Caller.anonymous());
        session.open = false;
        pass(PING.plusMillis(400));

        assertThat(protocol.end()).isEqualTo(Ending.GONE);
        assertThat(registry.count()).isZero();
        assertThat(registry.keys()).isZero();
    }

    @Test
    void theEndWaitsForTheCallThatRuns() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        protocol.onText = () -> {
            begun.countDown();
            join(goOn);
        };
        FakeSession session = open(Caller.anonymous());
        Thread container = new Thread(() -> protocol.connection().part("hello", true));
        container.start();
        begun.await();
        protocol.connection().gone();
        assertThat(session.closed.get(10, TimeUnit.SECONDS)).isNotNull();
        assertThat(protocol.ended).isNotDone();

        goOn.countDown();
        container.join();

        assertThat(protocol.end()).isEqualTo(Ending.GONE);
        protocol.connection().part("again", true);
        assertThat(protocol.texts).containsExactly("hello");
        assertThat(protocol.ends).hasValue(1);
    }

    @Test
    void aFailureOfTheProtocolClosesTheConnection() throws Exception {
        protocol.onText = () -> {
            throw new IllegalStateException("a bug");
        };
        FakeSession session = open(Caller.anonymous());
        protocol.connection().part("hello", true);

        assertThat(code(session)).isEqualTo(1011);
        assertThat(protocol.end()).isEqualTo(Ending.BROKEN);
    }

    @Test
    void whatIsOneTooManyIsRefusedAndManyOfThemAreTheEnd() throws Exception {
        FakeSession session = open(Caller.anonymous());
        for (int i = 0; i < 8; i++) {
            protocol.connection().part("m" + i, true);
        }
        assertThat(protocol.texts).containsExactly("m0", "m1", "m2", "m3", "m4");
        assertThat(protocol.refusals).hasValue(3);
        for (int i = 0; i < 50; i++) {
            protocol.connection().part("m", true);
        }

        assertThat(code(session)).isEqualTo(1008);
        assertThat(protocol.end()).isEqualTo(Ending.TOO_MANY_REQUESTS);
    }

    @Test
    void aReminderComesOnce() throws Exception {
        FakeSession session = open(Caller.anonymous());
        Connection connection = protocol.connection();
        connection.remindAt(connection.now() + 3_000);
        live(session, Duration.ofMillis(2_800));
        assertThat(protocol.reminders).hasValue(0);
        live(session, Duration.ofSeconds(30));
        assertThat(protocol.reminders).hasValue(1);
    }

    @Test
    void theFirstReasonIsTheOneThatCounts() throws Exception {
        FakeSession session = open(Caller.anonymous());
        protocol.connection().send("a last word");
        protocol.connection().close(Ending.DONE, 3501, "bad request");
        protocol.connection().close(Ending.SHUTDOWN);

        assertThat(code(session)).isEqualTo(3501);
        assertThat(session.closed.join().getReasonPhrase()).isEqualTo("bad request");
        assertThat(session.sent).containsExactly("a last word");
        assertThat(meters.get("sluice.connections.ended")
                        .tag("reason", "done")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void whoSignsInLaterIsCountedAndForgottenToo() throws Exception {
        Caller ann = caller("ann", clock.instant().plusSeconds(1000));
        FakeSession first = open(ann);
        FakeSession second = open(Caller.anonymous());
        Connection connection = protocol.connection();
        connection.signIn(ann);
        FakeSession third = new FakeSession(new Handshake(ann, "here", false));
        assertThat(new Acceptor(sockets, dialect()).accept(third.session())).isEmpty();
        assertThat(code(third)).isEqualTo(1013);

        connection.gone();
        assertThat(code(second)).isEqualTo(1000);
        await().until(() -> registry.count() == 1);
        assertThat(new Acceptor(sockets, dialect())
                        .accept(new FakeSession(new Handshake(ann, "here", false)).session()))
                .isPresent();
        assertThat(first.closed).isNotDone();
    }

    @Test
    void whatCameInPartIsForgottenWithTheConnection() throws Exception {
        open(Caller.anonymous());
        protocol.connection().part("half", false);
        assertThat(incoming).hasValue(4);
        protocol.connection().gone();
        protocol.end();

        protocol.connection().part("more", false);
        assertThat(incoming).hasValue(0);
    }

    private FakeSession open(Caller caller) {
        FakeSession session = new FakeSession(new Handshake(caller, "here", false));
        assertThat(new Acceptor(sockets, dialect()).accept(session.session())).isPresent();
        sessions.add(session);
        return session;
    }

    private void pass(Duration time) {
        long until = millis.get() + time.toMillis();
        while (millis.get() < until) {
            millis.addAndGet(Math.min(100, until - millis.get()));
            outboxes.sweep();
            wheel.advance(outboxes.now());
            awaitQuestions();
        }
    }

    /** The clock stands while another thread asks for a sign of life: a write that takes time is one. */
    private void awaitQuestions() {
        if (isAsking()) {
            await().pollDelay(Duration.ZERO).until(() -> !isAsking());
        }
    }

    private boolean isAsking() {
        return sessions.stream().noneMatch(FakeSession::isWriting)
                && protocol.connections.stream().anyMatch(connection -> connection.isOpen() && connection.asks());
    }

    /** Time passes, and the client answers. */
    private void live(FakeSession session, Duration time) {
        for (long left = time.toMillis(); left > 0; left -= 1000) {
            pass(Duration.ofMillis(Math.min(1000, left)));
            if (session.open) {
                protocol.connection().heard();
            }
        }
    }

    private static int code(FakeSession session) throws Exception {
        return session.closed.get(10, TimeUnit.SECONDS).getCloseCode().getCode();
    }

    private static Caller caller(String name, Instant expiry) {
        return new Caller(name, name, Set.of(), Map.of("exp", expiry.getEpochSecond()));
    }

    private static void join(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Dialect dialect() {
        return new Dialect() {
            @Override
            public Class<? extends SocketEndpoint> type() {
                throw new UnsupportedOperationException();
            }

            @Override
            public SocketEndpoint endpoint(Acceptor acceptor) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Protocol open(Connection connection) {
                protocol.connections.add(connection);
                return protocol;
            }
        };
    }

    private static final class Issuers implements Identities {
        @Override
        public Caller authenticate(String token) {
            throw token.equals("of one who is away")
                    ? new ProblemException(ErrorCode.BUSY, "The issuer's keys cannot be read.")
                    : new ProblemException(ErrorCode.UNAUTHORIZED, "The token is not valid.");
        }

        @Override
        public Collection<Caller> revoked(Collection<Caller> callers) {
            return List.of();
        }
    }

    private static final class Scripted implements Protocol {
        final Queue<Connection> connections = new ConcurrentLinkedQueue<>();
        final Queue<String> texts = new ConcurrentLinkedQueue<>();
        final AtomicInteger refusals = new AtomicInteger();
        final AtomicInteger reminders = new AtomicInteger();
        final AtomicInteger ends = new AtomicInteger();
        final CompletableFuture<Ending> ended = new CompletableFuture<>();
        volatile boolean establishes = true;
        volatile Runnable onText = () -> {};

        /** The newest. */
        Connection connection() {
            return connections.stream().reduce((first, second) -> second).orElseThrow();
        }

        Ending end() throws Exception {
            return ended.get(10, TimeUnit.SECONDS);
        }

        @Override
        public void opened() {
            if (establishes) {
                connection().established();
            }
        }

        @Override
        public void text(String message) {
            texts.add(message);
            onText.run();
        }

        @Override
        public void refused(String message) {
            refusals.incrementAndGet();
        }

        @Override
        public void reminded() {
            reminders.incrementAndGet();
        }

        @Override
        public void closed(Ending ending) {
            ends.incrementAndGet();
            ended.complete(ending);
        }
    }
}
