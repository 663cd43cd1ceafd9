package dev.sluice.realtime;

import dev.sluice.auth.Caller;
import dev.sluice.flow.Frame;
import dev.sluice.flow.Outbox;
import dev.sluice.flow.OutboxEnd;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.NumericDate;
import dev.sluice.http.ProblemException;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One live socket: who calls, what waits for it, when it is let go. A {@link Protocol} gives meaning to what comes and
 * goes. Thread-safe; made when the socket opens, ended exactly once.
 */
public final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final int REASON_MOST = 123;
    private static final long NEVER = Long.MAX_VALUE;

    private final Sockets sockets;
    private final Dialect dialect;
    private final String id = UUID.randomUUID().toString();
    private final String address;
    private final SocketWire wire;
    private final Outbox outbox;
    private final Incoming incoming;
    private final Pulse pulse;
    private final Protocol protocol;
    private final Turns turns = new Turns();
    private final Vitals vitals;
    private final Rates rates;

    private volatile Caller caller;
    private volatile long establishBy;
    private volatile long expiresAt = NEVER;
    private volatile long remindAt = NEVER;
    /** How it is closed: what was said first counts. */
    private @Nullable Farewell farewell;

    private record Farewell(Ending ending, CloseReason reason) {}

    Connection(Sockets sockets, Dialect dialect, Session session, Handshake handshake) {
        this.sockets = sockets;
        this.dialect = dialect;
        this.address = handshake.address();
        this.caller = handshake.caller();
        this.incoming = sockets.incoming();
        if (dialect.beginsAtOnce()) {
            incoming.grow();
        }
        long now = sockets.now();
        this.vitals = new Vitals(sockets.settings(), now);
        this.rates = new Rates(sockets.settings());
        this.establishBy = now + sockets.settings().authTimeout().toMillis();
        this.pulse = new Pulse(sockets.wheel(), this);
        this.wire = new SocketWire(session, this::reason, sockets.upgrades(), sockets.writes());
        this.outbox = sockets.outboxes().open(wire, this::end);
        this.protocol = dialect.open(this);
    }

    /** Names this connection among those of all nodes. */
    public String id() {
        return id;
    }

    /** Who calls, as of now; {@link Caller#anonymous} before the sign-in. */
    public Caller caller() {
        return caller;
    }

    /** Where from, as it is counted: an address, or a network of one. */
    public String address() {
        return address;
    }

    /** Whether it has not ended, and is not about to. */
    public synchronized boolean isOpen() {
        return farewell == null;
    }

    /** Queues a message. Never blocks; a client that is too slow is let go. */
    public void send(Frame frame) {
        outbox.offer(frame);
    }

    public void send(String text) {
        outbox.offer(Frame.of(text));
    }

    /**
     * Does something that may have a large answer once what waits to be sent leaves room for that: so a client that reads
     * slowly is not let go for what it has asked for itself. When it ends before, it is done as well: nobody is answered.
     *
     * @param work gives what completes when it is over; does not block
     * @param workers do it where it has to wait; else the calling thread does
     * @return completes when it is over
     */
    public CompletionStage<?> whenRoom(Supplier<CompletionStage<?>> work, Executor workers) {
        CompletableFuture<Void> room = new CompletableFuture<>();
        outbox.whenRoom(() -> room.complete(null));
        return room.isDone() ? work.get() : room.thenComposeAsync(found -> late(work), workers);
    }

    private CompletionStage<?> late(Supplier<CompletionStage<?>> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            LOG.error("A connection failed", e);
            close(Ending.BROKEN);
            return CompletableFuture.completedFuture(null);
        }
    }

    /**
     * Says that the protocol's own opening is over; without it the connection is closed in a while, and takes no large
     * messages.
     */
    public void established() {
        establishBy = NEVER;
        incoming.grow();
    }

    /** Whether the protocol's own opening is over: it is known who calls, or that nobody needs to know. */
    boolean isEstablished() {
        return establishBy == NEVER;
    }

    /**
     * Signs in by a token of any kind. May block.
     *
     * @throws ProblemException 401 when it is not valid; 429 when this user has too many connections: then it closes
     */
    public void authenticate(String token) throws SQLException {
        signIn(sockets.identities().authenticate(token));
    }

    /**
     * Takes a caller whom the protocol has found.
     *
     * @throws ProblemException 429 when this user has too many connections: then it closes
     */
    public void signIn(Caller found) {
        if (!sockets.registry().signIn(this, found)) {
            close(Ending.USER_FULL);
            throw new ProblemException(ErrorCode.TOO_MANY_REQUESTS, "Too many connections of one user.");
        }
        expireWith(found);
    }

    /**
     * Puts a newer token in the place of the present one. May block.
     *
     * @throws ProblemException 401 when it is not valid, or somebody else's
     */
    public void refresh(String token) throws SQLException {
        refresh(sockets.identities().authenticate(token));
    }

    /**
     * As {@link #refresh(String)}, for a caller whom the protocol has found.
     *
     * @throws ProblemException 401 when it is somebody else
     */
    public void refresh(Caller found) {
        if (!found.subject().equals(caller.subject())) {
            throw new ProblemException(ErrorCode.UNAUTHORIZED, "This token is somebody else's.");
        }
        caller = found;
        expireWith(found);
    }

    /** How long the caller's token is good for, in milliseconds; negative when it does not run out. */
    public long expiresInMillis() {
        return expiresAt == NEVER ? -1 : Math.max(0, expiresAt - sockets.clock().millis());
    }

    /** Calls {@link Protocol#reminded} then, in place of any earlier reminder. */
    public void remindAt(long ticksMillis) {
        remindAt = ticksMillis;
        pulse.wakeBy(sockets.now(), ticksMillis);
    }

    /** The time that reminders go by. */
    public long now() {
        return sockets.now();
    }

    /** Takes a publication from this connection's rate; answers whether there was one left. */
    public boolean takePublication() {
        return rates.takePublication(sockets.now());
    }

    /** Takes a message from this connection's rate, where several come as one; answers whether there was one left. */
    public boolean takeMessage() {
        return rates.takeMessage(sockets.now());
    }

    /**
     * Counts a message that the protocol keeps for later, as those are counted that have come in part.
     *
     * @return whether it may be kept, until it is {@link #release released}
     */
    public boolean hold(String message) {
        return incoming.hold(message);
    }

    /** It is not kept for later any more. */
    public void release(String message) {
        incoming.release(message);
    }

    /** Gives the protocol a turn for what had to wait; waits for the one that runs. Nothing happens after the end. */
    public void turn(Runnable call) {
        call(call);
    }

    /** Notes that the client made an error; too many of them close the connection. */
    public void strike() {
        strike(Ending.TOO_MANY_ERRORS);
    }

    /** Notes that a publication was refused because there are too many; who goes on for long is closed. */
    public void publicationRefused() {
        if (!rates.takeRefused(sockets.now())) {
            close(Ending.TOO_MANY_REQUESTS);
        }
    }

    private void strike(Ending ending) {
        if (!rates.takeStrike(sockets.now())) {
            close(ending);
        }
    }

    /** Closes it, once what waits is sent. The first reason counts. */
    public void close(Ending ending) {
        close(ending, dialect.code(ending), dialect.reason(ending));
    }

    /** As {@link #close(Ending)} with a code and reason of the protocol's own. */
    public void close(Ending ending, int code, String reason) {
        if (bid(ending, code, reason)) {
            outbox.finish();
        }
    }

    Dialect dialect() {
        return dialect;
    }

    /** Takes a caller; called by the registry, which counts them. */
    void caller(Caller found) {
        caller = found;
    }

    /** Begins: the registry has taken it. */
    void open() {
        expireWith(caller);
        pulse.wakeBy(sockets.now(), nextWake());
        call(protocol::opened);
    }

    /** A part of a message came. */
    void part(String part, boolean last) {
        long now = sockets.now();
        vitals.heard(now);
        if (!isOpen()) {
            return;
        }
        switch (incoming.add(part, last, now)) {
            case KEPT -> pulse.wakeBy(now, incoming.since() + unfinishedMillis());
            case WHOLE -> message(incoming.take());
            case TOO_LARGE -> close(Ending.TOO_LARGE);
            case OVERLOADED -> close(Ending.OVERLOADED);
        }
    }

    /** A sign of life came. */
    void heard() {
        vitals.heard(sockets.now());
    }

    /** The socket is closed, whoever closed it. */
    void gone() {
        bid(Ending.GONE, Ending.GONE.code(), "");
        outbox.remove(OutboxEnd.GONE);
    }

    /** Closes it without waiting for what is to be sent. */
    void cut(Ending ending) {
        bid(ending);
        outbox.remove(OutboxEnd.GONE);
    }

    /** The wheel's turn: looks at everything that has a time. */
    void wake(long now) {
        if (!wire.isOpen()) {
            // The container closed it and has told nobody, as it may when a peer breaks off in the midst of a write.
            gone();
            return;
        }
        closeInTime(now);
        vitals.took(outbox.lastTaken());
        if (vitals.asks(now)) {
            send(dialect.heartbeat());
        }
        // Whether a client takes the question too slowly is for the outbox to judge.
        if (vitals.isDead(now, this::asks)) {
            cut(Ending.NO_PONG);
            return;
        }
        remind(now);
        pulse.wakeBy(now, nextWake());
    }

    /** Whether the question for a sign of life has yet to leave. */
    boolean asks() {
        return outbox.holds(dialect.heartbeat());
    }

    private void closeInTime(long now) {
        if (now >= establishBy) {
            close(Ending.STALE);
        } else if (expiresInMillis() == 0) {
            close(Ending.EXPIRED);
        } else if (incoming.since() != 0 && now - incoming.since() >= unfinishedMillis()) {
            close(Ending.UNFINISHED);
        }
    }

    private void remind(long now) {
        long due = remindAt;
        if (now >= due) {
            remindAt = NEVER;
            if (turns.run(protocol::reminded, false, this::leave) == Turns.Outcome.BUSY) {
                // In the midst of a message the reminder has to wait: this thread cannot.
                remindAt = Math.min(remindAt, due);
            }
        }
    }

    private long nextWake() {
        long next = Math.min(vitals.next(sockets.now()), Math.min(establishBy, remindAt));
        if (expiresAt != NEVER) {
            next = Math.min(next, sockets.now() + expiresInMillis());
        }
        long since = incoming.since();
        return since == 0 ? next : Math.min(next, since + unfinishedMillis());
    }

    private void expireWith(Caller found) {
        expiresAt = NumericDate.of(found.claims().get("exp"))
                .map(Instant::toEpochMilli)
                .orElse(NEVER);
        if (expiresAt != NEVER) {
            pulse.wakeBy(sockets.now(), sockets.now() + expiresInMillis());
        }
    }

    private void message(String text) {
        sockets.metrics().received();
        if (takeMessage()) {
            call(() -> protocol.text(text));
        } else {
            call(() -> protocol.refused(text));
            strike(Ending.TOO_MANY_REQUESTS);
        }
    }

    private void call(Runnable call) {
        if (turns.run(call, true, this::leave) == Turns.Outcome.FAILED) {
            close(Ending.BROKEN);
        }
    }

    private void leave() {
        protocol.closed(ending());
    }

    /** The outbox has ended; leaves everything this connection belongs to. */
    private void end(OutboxEnd end) {
        switch (end) {
            case OVERFLOWN, STALLED -> bid(Ending.TOO_SLOW);
            case FAILED -> bid(Ending.FAILED);
            case GONE, CLOSED -> bid(Ending.GONE, Ending.GONE.code(), "");
        }
        pulse.stop();
        incoming.close();
        // Its place is free before anybody hears that it has left.
        sockets.registry().remove(this);
        sockets.metrics().ended(ending());
        turns.end(this::leave);
    }

    private void bid(Ending ending) {
        bid(ending, dialect.code(ending), dialect.reason(ending));
    }

    /** Says how it shall be closed; answers whether nobody has said so before. */
    private synchronized boolean bid(Ending ending, int code, String reason) {
        if (farewell != null) {
            return false;
        }
        String fitting = Frame.utf8Length(reason) > REASON_MOST ? ending.reason() : reason;
        farewell = new Farewell(ending, SocketWire.reason(code, fitting));
        return true;
    }

    private synchronized Ending ending() {
        return farewell == null ? Ending.GONE : farewell.ending();
    }

    private synchronized CloseReason reason() {
        return farewell == null ? SocketWire.reason(Ending.GONE.code(), "") : farewell.reason();
    }

    /** As long as a first token may take: both are a client's dawdling. */
    private long unfinishedMillis() {
        return 2 * sockets.settings().authTimeout().toMillis();
    }
}
