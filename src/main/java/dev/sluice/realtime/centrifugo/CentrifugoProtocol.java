package dev.sluice.realtime.centrifugo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.auth.Caller;
import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException;
import dev.sluice.channel.Channels;
import dev.sluice.channel.Event;
import dev.sluice.channel.HistoryRequest;
import dev.sluice.channel.Member;
import dev.sluice.channel.Presence;
import dev.sluice.channel.PublishRequest;
import dev.sluice.channel.Reply;
import dev.sluice.channel.SubscribeRequest;
import dev.sluice.channel.Subscribed;
import dev.sluice.channel.Subscriber;
import dev.sluice.flow.Frame;
import dev.sluice.http.NumericDate;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.realtime.Connection;
import dev.sluice.realtime.Ending;
import dev.sluice.realtime.Protocol;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection and its subscriptions. Commands come one after the other; answers and events come by any thread. What
 * the server has to say waits until the client knows that it is connected.
 */
final class CentrifugoProtocol implements Protocol, Subscriber {
    private static final Logger LOG = LoggerFactory.getLogger(CentrifugoProtocol.class);
    /** Commands of one frame; a client that subscribes to all it may has fewer. */
    private static final int COMMANDS_MOST = 512;

    /** Fewer than half of what all connections have: of the threads that read, and of those that ask for permission. */
    private static final int UNDER_WAY_MOST = 2;

    private static final int MEMBERS_MOST = 1000;
    /** The claim that says when a caller's connection ends. */
    private static final String END = "exp";

    private final Centrifugo centrifugo;
    private final Channels channels;
    private final Connection connection;
    private final Outlet outlet;
    private final InFlight small;
    private final InFlight large;
    private final CommandOrder order;
    private final ConcurrentMap<String, Wish> wishes = new ConcurrentHashMap<>(4);
    /** What came while the subscriptions of the server began. */
    private final Queue<Lines> held = new ArrayDeque<>(0);

    /** What the application says of its user. */
    private volatile String info = "";

    private boolean isConnecting;
    private boolean isConnected;

    /** What the client, or its token, wants of a channel. The very object tells one subscription from the next. */
    private static final class Wish {
        final boolean joinLeave;
        final boolean byServer;
        private boolean isGivenUp;

        Wish(boolean joinLeave, boolean byServer) {
            this.joinLeave = joinLeave;
            this.byServer = byServer;
        }

        /** Who gives it up does so before this, or after all of it. */
        synchronized boolean begin(Runnable beginning) {
            if (!isGivenUp) {
                beginning.run();
            }
            return !isGivenUp;
        }

        synchronized void giveUp() {
            isGivenUp = true;
        }
    }

    CentrifugoProtocol(Centrifugo centrifugo, Connection connection) {
        this.centrifugo = centrifugo;
        this.channels = centrifugo.channels();
        this.connection = connection;
        this.small = new InFlight(UNDER_WAY_MOST, centrifugo.workers());
        this.large = new InFlight(1, centrifugo.workers());
        this.order = new CommandOrder(centrifugo.workers());
        this.outlet = new Outlet(connection::send, () -> connection.close(Ending.TOO_SLOW));
    }

    // -- As a protocol

    @Override
    public void opened() {
        // The client begins.
    }

    @Override
    public void text(String message) {
        // The first was counted with its frame.
        take(
                message,
                (command, number) -> attempt(
                        command, number == 1 || connection.takeMessage() ? this::run : CentrifugoProtocol::refuse));
    }

    @Override
    public void refused(String message) {
        // Who goes on is closed by the connection itself.
        take(message, (command, number) -> tell(command, new FaultException(Fault.TOO_MANY_REQUESTS)));
    }

    /** What is done with each command of a frame; the first has the number 1. */
    @FunctionalInterface
    private interface Taker {
        void take(Command command, int number);
    }

    private void take(String message, Taker taker) {
        take(new Lines(message, (line, number) -> line(line, number, taker)));
    }

    /** What comes before the client is connected, and would have to be after that, waits. */
    private void take(Lines lines) {
        while (connection.isOpen() && !lines.isEmpty()) {
            if (isConnecting) {
                hold(lines);
                return;
            }
            lines.takeOne();
        }
    }

    private void hold(Lines lines) {
        if (connection.hold(lines.message())) {
            held.add(lines);
        } else {
            connection.close(Ending.OVERLOADED);
        }
    }

    private void takeHeld() {
        for (Lines lines = held.poll(); lines != null; lines = held.poll()) {
            connection.release(lines.message());
            take(lines);
        }
    }

    @Override
    public void reminded() {
        if (isConnecting) {
            close(ServerSubscriptions.late());
        }
    }

    @Override
    public void closed(Ending ending) {
        centrifugo.leave(this);
        channels.disconnect(this);
    }

    private void line(String line, int number, Taker taker) {
        if (number > COMMANDS_MOST) {
            badRequest();
            return;
        }
        try {
            Optional<Command> read = Command.read(line);
            read.ifPresent(command -> taker.take(command, number));
        } catch (IllegalArgumentException e) {
            badRequest();
        }
    }

    /** Does what a command wants. */
    @FunctionalInterface
    private interface Work {
        void run(Command command);
    }

    private static void refuse(Command command) {
        throw new FaultException(Fault.TOO_MANY_REQUESTS);
    }

    private void attempt(Command command, Work work) {
        try {
            work.run(command);
        } catch (FaultException e) {
            fail(command, e);
        } catch (ChannelException e) {
            fail(command, FaultException.of(e));
        } catch (RpcException e) {
            fail(command, FaultException.of(e));
        }
    }

    private void run(Command command) {
        if (isConnected == (command.method() == Command.Method.CONNECT)) {
            badRequest();
            return;
        }
        switch (command.method()) {
            case CONNECT -> connect(command);
            case SUBSCRIBE -> subscribe(command);
            case UNSUBSCRIBE -> unsubscribe(command);
            case PUBLISH -> publish(command);
            case PRESENCE -> presence(command, MEMBERS_MOST, Replies::presence);
            case PRESENCE_STATS -> presence(command, 0, presence -> Replies.presenceStats(presence.count()));
            case HISTORY -> history(command);
            case PING -> reply(command, "{}");
            case SEND -> {
                // Nobody here listens to messages without an answer.
            }
            case RPC -> rpc(command);
            case REFRESH -> refresh(command);
            case SUB_REFRESH -> refreshSubscription(command);
            case UNKNOWN -> throw new FaultException(Fault.METHOD_NOT_FOUND);
        }
    }

    // -- Connecting

    private void connect(Command command) {
        Optional<ConnectionTokens.Login> login = signIn(command);
        if (login.isEmpty()) {
            return;
        }
        ServerSubscriptions wanted = ServerSubscriptions.of(login.get(), command.params());
        connection.established();
        channels.connect(this);
        CompletableFuture<List<Subscribed>> beginning = wanted.begin(this::subscribeByServer);
        if (beginning.isDone()) {
            connected(command.id(), beginning);
        } else {
            isConnecting = true;
            awaitBegun(command.id(), beginning);
        }
    }

    /** No thread waits: of those that could there are few, and the database may not answer at all. */
    private void awaitBegun(long command, CompletionStage<List<Subscribed>> beginning) {
        connection.remindAt(connection.now() + ServerSubscriptions.LONGEST.toMillis());
        beginning.whenCompleteAsync(
                (begun, error) -> connection.turn(() -> {
                    isConnecting = false;
                    connected(command, beginning.toCompletableFuture());
                    takeHeld();
                }),
                centrifugo.workers());
    }

    /** @param begun complete */
    private void connected(long command, CompletableFuture<List<Subscribed>> begun) {
        String result;
        try {
            result = Replies.connected(id(), expiresIn(), begun.join(), centrifugo.pingSeconds(), centrifugo.node());
        } catch (CompletionException e) {
            close(refusal(e));
            return;
        }
        isConnected = true;
        centrifugo.enter(this);
        outlet.open(Frame.of(Replies.reply(command, Command.Method.CONNECT, result)));
    }

    private static ChannelException refusal(CompletionException error) {
        if (error.getCause() instanceof ChannelException known) {
            return known;
        }
        throw error;
    }

    private Optional<ConnectionTokens.Login> signIn(Command command) {
        if (command.token().isEmpty()) {
            Caller caller = connection.caller();
            if (!caller.signedIn() && !centrifugo.guests()) {
                tell(command, new FaultException(Fault.UNAUTHORIZED, "A token is needed."));
                connection.close(Ending.UNAUTHENTICATED);
                return Optional.empty();
            }
            return Optional.of(new ConnectionTokens.Login(caller, false));
        }
        return verify(command).filter(login -> isLetIn(login.caller()));
    }

    /** A user with too many connections is told so by the close code. */
    private boolean isLetIn(Caller caller) {
        try {
            connection.signIn(caller);
            return true;
        } catch (ProblemException e) {
            return false;
        }
    }

    /** Empty when the connection closes because of the token. */
    private Optional<ConnectionTokens.Login> verify(Command command) {
        try {
            ConnectionTokens.Login login = centrifugo.tokens().verify(command.token());
            requireLasting(login.caller());
            // Other issuers mean something else by it, and perhaps not everybody.
            info = login.byApplication() ? Member.info(login.caller().claims().get("info")) : "";
            return Optional.of(login);
        } catch (ProblemException e) {
            switch (e.code()) {
                case TOKEN_EXPIRED -> throw new FaultException(Fault.TOKEN_EXPIRED);
                case UNAUTHORIZED -> connection.close(Ending.UNAUTHENTICATED);
                default -> throw new FaultException(Fault.INTERNAL, "The token cannot be checked now.");
            }
            return Optional.empty();
        } catch (SQLException e) {
            Problem.log(LOG, "A token could not be checked", e);
            throw new FaultException(Fault.INTERNAL, "The token cannot be checked now.");
        }
    }

    /** A token may be good and what it grants over: then another one of its kind would be no better. */
    private void requireLasting(Caller caller) {
        if (NumericDate.of(caller.claims().get(END))
                .filter(end -> !end.isAfter(centrifugo.now()))
                .isPresent()) {
            throw new FaultException(caller.claims().containsKey("expire_at") ? Fault.EXPIRED : Fault.TOKEN_EXPIRED);
        }
    }

    private void refresh(Command command) {
        if (command.token().isEmpty()) {
            throw new FaultException(Fault.BAD_REQUEST, "A token is needed.");
        }
        verify(command).ifPresent(login -> {
            try {
                connection.refresh(login.caller());
            } catch (ProblemException e) {
                connection.close(Ending.UNAUTHENTICATED);
                return;
            }
            channels.refreshed(this);
            reply(command, Replies.refreshed(id(), expiresIn()));
        });
    }

    private Optional<Duration> expiresIn() {
        long millis = connection.expiresInMillis();
        return millis < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
    }

    private String id() {
        return connection.id();
    }

    // -- Channels

    private void subscribe(Command command) {
        String channel = command.channel();
        Wish wish = new Wish(command.flag("join_leave"), false);
        if (wishes.putIfAbsent(channel, wish) != null) {
            throw new FaultException(Fault.ALREADY_SUBSCRIBED);
        }
        SubscribeRequest plain = SubscribeRequest.to(channel).withToken(command.token());
        SubscribeRequest request = command.recovery().map(plain::withSince).orElse(plain);
        Command asked = command.withoutParams();
        CompletableFuture<?> over = new CompletableFuture<>();
        order.subscribe(channel, over);
        // What is one too many to wait is bounded as subscriptions are.
        if (request.since().isEmpty() || !takeLarge(() -> subscribe(asked, request, wish, over))) {
            subscribe(asked, request, wish, over);
        }
    }

    /** Gives what completes when the answer is on its way. */
    private CompletionStage<?> subscribe(
            Command command, SubscribeRequest request, Wish wish, CompletableFuture<?> over) {
        Reply<Subscribed> reply = new Reply<>() {
            @Override
            public void ok(Subscribed subscribed) {
                reply(command, Replies.subscribed(subscribed));
                over.complete(null);
            }

            @Override
            public void failed(ChannelException error) {
                wishes.remove(request.channel(), wish);
                fail(command, FaultException.of(error));
                over.complete(null);
            }
        };
        if (!wish.begin(() -> channels.subscribe(this, request, reply))) {
            reply.failed(notSubscribed(request.channel()));
        }
        return over;
    }

    /** One after the other, as there is room for their answers; answers whether it is not one too many. */
    private boolean takeLarge(Supplier<CompletionStage<?>> reading) {
        return large.take(() -> connection.whenRoom(reading, centrifugo.workers()));
    }

    private void giveUp(String channel) {
        Wish wish = wishes.get(channel);
        if (wish != null) {
            wish.giveUp();
        }
    }

    private void subscribeByServer(String channel, ServerSubscriptions.Wanted wanted, Reply<Subscribed> reply) {
        Wish wish = new Wish(true, true);
        if (wishes.putIfAbsent(channel, wish) != null) {
            reply.failed(new ChannelException(
                    ChannelException.Reason.ALREADY_SUBSCRIBED, "Subscribed to " + channel + " already."));
            return;
        }
        SubscribeRequest plain = SubscribeRequest.to(channel).byTheServer(wanted.info());
        channels.subscribe(this, wanted.since().map(plain::withSince).orElse(plain), new Reply<>() {
            @Override
            public void ok(Subscribed subscribed) {
                reply.ok(subscribed);
            }

            @Override
            public void failed(ChannelException error) {
                wishes.remove(channel, wish);
                reply.failed(error);
            }
        });
    }

    private void unsubscribe(Command command) {
        String channel = command.channel();
        giveUp(channel);
        channels.unsubscribe(this, channel);
        wishes.remove(channel);
        reply(command, "{}");
    }

    private void publish(Command command) {
        if (!connection.takePublication()) {
            connection.publicationRefused();
            throw new FaultException(Fault.TOO_MANY_REQUESTS);
        }
        PublishRequest request = new PublishRequest(command.channel(), command.data());
        Command asked = command.withoutParams();
        if (!order.publish(
                request.channel(),
                request.data().length(),
                () -> answer(asked, channels.publish(this, request), position -> "{}"))) {
            throw new FaultException(Fault.TOO_MANY_REQUESTS);
        }
    }

    private void presence(Command command, int members, Function<Presence, String> result) {
        String channel = command.channel();
        Command asked = command.withoutParams();
        readInOrder(channel, asked, () -> {
            boolean listens = channels.listens(this, channel);
            read(small::take, asked, () -> channels.presence(this, channel, members, listens), result);
        });
    }

    private void history(Command command) {
        HistoryRequest request = historyRequest(command.params());
        Command asked = command.withoutParams();
        readInOrder(request.channel(), asked, () -> {
            boolean listens = channels.listens(this, request.channel());
            read(this::takeLarge, asked, () -> channels.history(this, request, listens), Replies::history);
        });
    }

    /** Who listens by then may read, even if its turn comes when it does not any more. */
    private void readInOrder(String channel, Command command, Runnable reading) {
        if (!order.read(channel, () -> attempt(command, asked -> reading.run()))) {
            throw new FaultException(Fault.TOO_MANY_REQUESTS);
        }
    }

    private void refreshSubscription(Command command) {
        String channel = command.channel();
        String token = command.token();
        Wish wish = wishes.get(channel);
        if (wish == null) {
            throw FaultException.of(notSubscribed(channel));
        }
        read(small::take, command.withoutParams(), () -> refresh(channel, wish, token), Replies::subRefreshed);
    }

    /** What was left meanwhile, and perhaps begun anew, has nothing to do with the token. */
    private CompletionStage<Optional<Duration>> refresh(String channel, Wish wish, String token) {
        return wishes.get(channel) == wish
                ? channels.refresh(this, channel, token)
                : CompletableFuture.failedFuture(notSubscribed(channel));
    }

    private static ChannelException notSubscribed(String channel) {
        return new ChannelException(ChannelException.Reason.NOT_AVAILABLE, "Not subscribed to " + channel + ".");
    }

    /** @param command without parameters: only the answer's form needs it, and what waits for its turn is small */
    private <T> void read(
            Predicate<Supplier<CompletionStage<?>>> lane,
            Command command,
            Supplier<CompletionStage<T>> reading,
            Function<T, String> result) {
        if (!lane.test(() -> answer(command, reading.get(), result))) {
            throw new FaultException(Fault.TOO_MANY_REQUESTS);
        }
    }

    static HistoryRequest historyRequest(JsonNode params) {
        return new HistoryRequest(
                Command.channel(params),
                Command.limit(params).orElse(Channels.PAGE_MOST),
                Command.since(params),
                params.path("reverse").asBoolean(false));
    }

    private void rpc(Command command) {
        Rpc method =
                centrifugo.method(command.text("method")).orElseThrow(() -> new FaultException(Fault.METHOD_NOT_FOUND));
        reply(command, "{\"data\":" + method.call(caller(), command.data()) + "}");
    }

    // -- As a subscriber

    @Override
    public String connection() {
        return connection.id();
    }

    @Override
    public Caller caller() {
        return connection.caller();
    }

    @Override
    public String info() {
        return info;
    }

    @Override
    public void deliver(Event event) {
        Wish wish = wishes.get(event.channel());
        boolean isWanted = true;
        if (event.kind() instanceof Event.Unsubscribed) {
            wishes.remove(event.channel());
        } else if (event.kind() instanceof Event.Lost) {
            wishes.remove(event.channel());
            isWanted = !isCut(wish);
        } else if (!(event.kind() instanceof Event.Message)) {
            isWanted = wish != null && wish.joinLeave;
        }
        if (isWanted) {
            outlet.send(event.encoded(Pushes.ENCODING));
        }
    }

    /** What the server subscribed to, it subscribes to again with the next connection, and to nothing else. */
    private boolean isCut(@Nullable Wish wish) {
        if (wish == null || !wish.byServer) {
            return false;
        }
        close(Ending.FAILED, Closing.INSUFFICIENT_STATE);
        return true;
    }

    // -- By the server's wish

    /** Subscribes to one channel more and tells the client so. */
    void subscribe(String channel, Optional<Position> since) {
        subscribeByServer(channel, new ServerSubscriptions.Wanted(since, ""), new Reply<>() {
            @Override
            public void ok(Subscribed subscribed) {
                outlet.send(Frame.of(Pushes.push(channel, "subscribe", Replies.subscribed(subscribed))));
            }

            @Override
            public void failed(ChannelException error) {
                if (error.reason() == ChannelException.Reason.LIMIT_EXCEEDED) {
                    close(error);
                }
            }
        });
    }

    void unsubscribe(String channel) {
        giveUp(channel);
        channels.expel(this, channel);
    }

    /** Sets another end of the connection; empty = none. The client is told. */
    void expireAt(Optional<Instant> end) {
        if (end.filter(instant -> !instant.isAfter(centrifugo.now())).isPresent()) {
            connection.close(Ending.EXPIRED);
            return;
        }
        Caller caller = connection.caller();
        Map<String, Object> claims = new LinkedHashMap<>(caller.claims());
        claims.remove(END);
        end.ifPresent(instant -> claims.put(END, instant.getEpochSecond()));
        connection.refresh(new Caller(caller.subject(), caller.name(), caller.roles(), claims));
        outlet.send(Frame.of(Pushes.refresh(expiresIn())));
    }

    void disconnect(int code, String reason) {
        connection.close(Ending.REVOKED, code, reason);
    }

    // -- Answers

    /** Gives what completes when the answer is on its way. */
    private <T> CompletionStage<T> answer(Command command, CompletionStage<T> stage, Function<T, String> result) {
        return stage.whenComplete((value, error) -> {
            if (error == null) {
                reply(command, result.apply(value));
            } else {
                fail(command, fault(error));
            }
        });
    }

    private static FaultException fault(Throwable error) {
        Throwable cause = error instanceof CompletionException ? error.getCause() : error;
        if (cause instanceof ChannelException known) {
            return FaultException.of(known);
        }
        LOG.error("A command failed", error);
        return new FaultException(Fault.INTERNAL);
    }

    private void reply(Command command, String result) {
        if (command.id() > 0) {
            connection.send(Replies.reply(command.id(), command.method(), result));
        }
    }

    private void fail(Command command, FaultException error) {
        tell(command, error);
        if (error.isOffence()) {
            connection.strike();
        }
    }

    private void tell(Command command, FaultException error) {
        if (command.id() > 0) {
            connection.send(Replies.error(command.id(), error));
        }
    }

    /** Closes a connection that cannot have what the server wants it to have. */
    private void close(ChannelException error) {
        Fault fault = Fault.of(error);
        close(fault.temporary() ? Ending.BROKEN : Ending.BAD_REQUEST, Closing.of(fault));
    }

    private void close(Ending ending, Closing closing) {
        connection.close(ending, closing.code(), closing.reason());
    }

    private void badRequest() {
        connection.close(Ending.BAD_REQUEST);
    }
}
