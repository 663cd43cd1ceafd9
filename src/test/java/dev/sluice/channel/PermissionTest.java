package dev.sluice.channel;

import static dev.sluice.channel.Eventually.await;
import static dev.sluice.channel.TestSubscriber.caller;
import static dev.sluice.channel.TestSubscriber.callerWith;
import static dev.sluice.channel.TestSubscriber.refusalOf;
import static dev.sluice.channel.TestSubscriber.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.auth.Caller;
import dev.sluice.broker.Position;
import dev.sluice.channel.ChannelException.Reason;
import dev.sluice.channel.Event.Cause;
import dev.sluice.channel.Event.Unsubscribed;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.ChannelSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may listen and publish where; deny by default. */
class PermissionTest {
    private static final int MANY = 1_500;

    private final ChannelSettings settings = Node.settings(Map.ofEntries(
            Map.entry("sluice.namespace.closed.history-size", "5"),
            Map.entry("sluice.namespace.members.subscribe", "signed-in"),
            Map.entry("sluice.namespace.members.publish", "subscriber"),
            Map.entry("sluice.namespace.staff.subscribe", "role:staff, role:boss"),
            Map.entry("sluice.namespace.staff.publish", "role:boss"),
            Map.entry("sluice.namespace.ticket.subscribe", "token"),
            Map.entry("sluice.namespace.ticket.presence", "true"),
            Map.entry("sluice.namespace.asked.subscribe", "role:boss"),
            Map.entry("sluice.namespace.asked.history-size", "5"),
            Map.entry("sluice.namespace.asked.subscribe-function", "app.may_listen"),
            Map.entry("sluice.namespace.asked.publish-function", "app.may_publish")));
    private final MemoryBroker broker = Node.broker(settings);
    private final ManualClock clock = new ManualClock();
    private final Map<String, Boolean> answers = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final Map<String, Map<String, Object>> tokens = new HashMap<>();
    private volatile boolean isAway;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private int connections;

    private final Node node = new Node(
            broker,
            clock,
            settings,
            this::ask,
            this::verify,
            Map.of(
                    "members",
                    (from, member, request) -> "{\"by\":\"" + member.user() + "\",\"was\":" + request.data() + "}"));

    @AfterEach
    void close() {
        gate.countDown();
        node.close();
    }

    private boolean ask(String function, Caller caller, String channel) throws Exception {
        asked.incrementAndGet();
        assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
        if (isAway) {
            throw new SQLException("away");
        }
        return answers.getOrDefault(function + " " + caller.subject() + " " + channel, false);
    }

    private Map<String, Object> verify(String token) {
        Map<String, Object> claims = tokens.get(token);
        if (claims == null) {
            throw new ProblemException(
                    token.equals("old") ? ErrorCode.TOKEN_EXPIRED : ErrorCode.UNAUTHORIZED, "not valid");
        }
        return claims;
    }

    @Test
    void what_no_namespace_opens_is_closed() {
        assertThat(refusal(caller("ann", "admin"), "nowhere:a")).isEqualTo(Reason.UNKNOWN_CHANNEL);
        assertThat(refusal(caller("ann", "admin"), "closed:a")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal(caller("ann", "admin"), "closed")).isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void the_words_of_a_namespace_open_it() {
        assertThat(refusal(Caller.anonymous(), "members:a")).isEqualTo(Reason.PERMISSION_DENIED);
        subscribe(caller("ann"), "members:a");
        assertThat(refusal(caller("ann"), "staff:a")).isEqualTo(Reason.PERMISSION_DENIED);
        TestSubscriber bob = subscribe(caller("bob", "staff"), "staff:a");
        TestSubscriber boss = subscribe(caller("cid", "boss"), "staff:a");

        assertThat(publishRefusal(bob, "staff:a")).isEqualTo(Reason.PERMISSION_DENIED);
        publish(boss, "staff:a");
        assertThat(bob.messages()).containsExactly("1");
    }

    @Test
    void a_channel_of_ones_own_is_for_nobody_else() {
        subscribe(caller("ann"), "user:ann");
        subscribe(caller("https://id.example|42"), "user:https://id.example|42");
        assertThat(refusal(caller("bob", "admin"), "user:ann")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal(Caller.anonymous(), "user:")).isEqualTo(Reason.BAD_REQUEST);
        assertThat(refusal(Caller.anonymous(), "user")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal(caller("a b"), "user:a b")).isEqualTo(Reason.BAD_REQUEST);
        assertThat(publishRefusal(subscribe(caller("cid"), "user:cid"), "user:cid"))
                .isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void who_is_subscribed_publishes_and_the_server_stamps_what() {
        TestSubscriber ann = subscribe(caller("ann"), "members:a");
        TestSubscriber bob = connect(caller("bob"));
        assertThat(publishRefusal(bob, "members:a")).isEqualTo(Reason.PERMISSION_DENIED);
        publish(ann, "members:a");

        Event.Message message = ann.events(Event.Message.class).get(0);
        assertThat(message.publication().data()).isEqualTo("{\"by\":\"ann\",\"was\":1}");
        assertThat(message.publication().info())
                .isEqualTo("{\"user\":\"ann\",\"client\":\"" + ann.connection()
                        + "\",\"conn_info\":{\"name\":\"name of ann\"}}");
    }

    @Test
    void who_may_only_read_publishes_nothing() {
        TestSubscriber reader = subscribe(callerWith("ann", Map.of("scope", "read")), "kept:a");
        assertThat(publishRefusal(reader, "kept:a")).isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void history_and_presence_are_for_those_who_may_listen() {
        node.publish("asked:a", "1");
        TestSubscriber ann = connect(caller("ann"));
        assertThat(refusalOf(node.history(ann, "asked:a", 5))).isEqualTo(Reason.PERMISSION_DENIED);
        TestSubscriber boss = connect(caller("cid", "boss"));
        assertThat(soon(node.history(boss, "asked:a", 5)).publications()).hasSize(1);
        assertThat(refusalOf(Node.future(node.channels.presence(boss, "asked:a", 5))))
                .isEqualTo(Reason.NOT_AVAILABLE);
        assertThat(refusalOf(Node.future(node.channels.presence(ann, "ticket:a", 5))))
                .isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void a_function_decides_where_no_word_does_and_its_answer_is_kept_for_a_while() {
        answers.put("app.may_listen ann asked:a", true);
        TestSubscriber ann = subscribe(caller("ann"), "asked:a");
        subscribe(caller("boss", "boss"), "asked:a");
        assertThat(asked).hasValue(1);
        for (int i = 0; i < 5; i++) {
            subscribe(caller("ann"), "asked:a");
            assertThat(refusal(caller("bob"), "asked:a")).isEqualTo(Reason.PERMISSION_DENIED);
        }
        assertThat(asked).hasValue(2);

        clock.advance(Duration.ofSeconds(10));
        subscribe(caller("ann"), "asked:a");
        assertThat(asked).hasValue(3);
        assertThat(publishRefusal(ann, "asked:a")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal(callerWith("ann", Map.of("dept", "other")), "asked:b"))
                .isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(asked).hasValue(5);
    }

    @Test
    void those_who_ask_the_same_at_once_share_the_answer() {
        gate = new CountDownLatch(1);
        answers.put("app.may_listen ann asked:a", true);
        List<TestSubscriber.Answer> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(node.ask(connect(caller("ann")), SubscribeRequest.to("asked:a")));
        }
        gate.countDown();
        all.forEach(TestSubscriber.Answer::get);
        assertThat(asked).hasValue(1);
    }

    @Test
    void a_function_that_fails_has_no_answer_and_is_asked_again() {
        answers.put("app.may_listen ann asked:a", true);
        isAway = true;
        assertThat(refusal(caller("ann"), "asked:a")).isEqualTo(Reason.UNAVAILABLE);
        isAway = false;
        subscribe(caller("ann"), "asked:a");
    }

    @Test
    void too_many_questions_at_once_are_refused() {
        gate = new CountDownLatch(1);
        List<TestSubscriber.Answer> all = new ArrayList<>();
        for (int i = 0; i < 1_001; i++) {
            all.add(node.ask(connect(caller("u" + i)), SubscribeRequest.to("asked:a")));
        }
        assertThat(all.get(1_000).refusal()).isEqualTo(Reason.TOO_MANY_REQUESTS);
        gate.countDown();
        assertThat(all.get(0).refusal()).isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void who_leaves_while_a_function_is_asked_leaves_nothing_behind() {
        gate = new CountDownLatch(1);
        answers.put("app.may_listen ann asked:a", true);
        TestSubscriber ann = connect(caller("ann"));
        TestSubscriber.Answer answer = node.ask(ann, SubscribeRequest.to("asked:a"));
        node.channels.disconnect(ann);
        gate.countDown();

        assertThat(answer.refusal()).isEqualTo(Reason.NOT_AVAILABLE);
        assertThat(node.channels.channels(9)).isEmpty();
    }

    @Test
    void what_waits_to_be_published_is_bounded_by_its_size() {
        gate = new CountDownLatch(1);
        answers.put("app.may_publish ann asked:a", true);
        TestSubscriber ann = connect(caller("ann"));
        String large = "\"" + "x".repeat(60_000) + "\"";
        List<CompletableFuture<Position>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(Node.future(node.channels.publish(ann, new PublishRequest("asked:a", large))));
        }
        assertThat(refusalOf(Node.future(node.channels.publish(ann, new PublishRequest("asked:a", large)))))
                .isEqualTo(Reason.TOO_MANY_REQUESTS);

        gate.countDown();
        all.forEach(TestSubscriber::soon);
        soon(Node.future(node.channels.publish(ann, new PublishRequest("asked:a", large))));
    }

    @Test
    void publications_of_a_connection_keep_their_order_however_long_their_permission_takes() {
        gate = new CountDownLatch(1);
        answers.put("app.may_publish ann asked:a", true);
        TestSubscriber ann = connect(caller("ann"));
        List<CompletableFuture<Position>> all = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            String channel = i % 3 == 0 ? "kept:a" : "asked:a";
            all.add(Node.future(node.channels.publish(ann, new PublishRequest(channel, Integer.toString(i)))));
        }
        assertThat(all).noneMatch(CompletableFuture::isDone);
        gate.countDown();
        List<Long> offsets = all.stream().map(one -> soon(one).offset()).toList();

        assertThat(offsets.stream().distinct().count()).isLessThan(50);
        assertThat(soon(node.history(connect(caller("x", "boss")), "asked:a", 99))
                        .publications())
                .extracting(one -> one.data())
                .containsExactly("44", "46", "47", "49", "50");
    }

    @Test
    void a_refresh_asks_again_and_ends_what_is_not_allowed_any_more() {
        answers.put("app.may_listen ann asked:a", true);
        TestSubscriber ann = subscribe(caller("ann"), "asked:a");
        node.subscribe(ann, "kept:a");
        node.channels.refreshed(ann);
        await(() -> asked.get() == 2);
        answers.clear();
        node.channels.refreshed(ann);
        await(() -> !ann.events(Unsubscribed.class).isEmpty());

        assertThat(ann.events(Unsubscribed.class)).containsExactly(new Unsubscribed(Cause.PERMISSION));
        assertThat(node.channels.subscriptions(ann)).containsExactly("kept:a");
    }

    @Test
    void a_refresh_whose_question_fails_is_asked_again_until_there_is_an_answer() {
        answers.put("app.may_listen ann asked:a", true);
        TestSubscriber ann = subscribe(caller("ann"), "asked:a");
        isAway = true;
        answers.clear();
        node.channels.refreshed(ann);
        await(() -> {
            pass();
            return asked.get() > 5;
        });
        assertThat(node.channels.subscriptions(ann)).containsExactly("asked:a");

        isAway = false;
        await(() -> {
            pass();
            return !ann.events(Unsubscribed.class).isEmpty();
        });

        assertThat(ann.events(Unsubscribed.class)).containsExactly(new Unsubscribed(Cause.PERMISSION));
        int questions = asked.get();
        pass();
        assertThat(asked).hasValue(questions);
    }

    @Test
    void of_many_who_refresh_at_once_nobody_is_left_unchecked() {
        List<TestSubscriber> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            answers.put("app.may_listen u" + i + " asked:a", true);
            all.add(subscribe(caller("u" + i), "asked:a"));
        }
        gate = new CountDownLatch(1);
        answers.clear();
        all.forEach(node.channels::refreshed);
        gate.countDown();
        await(() -> {
            pass();
            return all.stream()
                    .noneMatch(one -> node.channels.subscriptions(one).contains("asked:a"));
        });
        // More questions than may wait: some were refused, and each has had one answer.
        assertThat(asked).hasValue(2 * MANY);
    }

    private void pass() {
        clock.advance(Unchecked.PACE);
        node.channels.sweep();
    }

    @Test
    void a_newer_subscription_token_does_not_do_where_a_function_says_no() {
        tokens.put("first", Map.of("sub", "ann", "channel", "asked:a", "exp", seconds(60)));
        tokens.put("second", Map.of("sub", "ann", "channel", "asked:a", "exp", seconds(120)));
        answers.put("app.may_listen ann asked:a", true);
        TestSubscriber ann = connect(caller("ann"));
        withToken("first", ann, "asked:a").get();
        assertThat(soon(Node.future(node.channels.refresh(ann, "asked:a", "second"))))
                .contains(Duration.ofMinutes(2));
        assertThat(asked).hasValue(2);

        isAway = true;
        assertThat(refusalOf(Node.future(node.channels.refresh(ann, "asked:a", "second"))))
                .isEqualTo(Reason.UNAVAILABLE);
        assertThat(node.channels.subscriptions(ann)).containsExactly("asked:a");
        isAway = false;
        answers.clear();
        assertThat(refusalOf(Node.future(node.channels.refresh(ann, "asked:a", "second"))))
                .isEqualTo(Reason.PERMISSION_DENIED);

        assertThat(asked).hasValue(4);
        assertThat(ann.events(Unsubscribed.class)).containsExactly(new Unsubscribed(Cause.PERMISSION));
        assertThat(node.channels.subscriptions(ann)).isEmpty();
    }

    @Test
    void a_refresh_to_another_user_ends_everything_and_a_lost_role_what_it_opened() {
        TestSubscriber ann = subscribe(caller("ann", "staff"), "staff:a");
        node.subscribe(ann, "members:a");
        ann.become(caller("ann"));
        node.channels.refreshed(ann);
        assertThat(node.channels.subscriptions(ann)).containsExactly("members:a");
        ann.become(caller("bob"));
        node.channels.refreshed(ann);
        assertThat(node.channels.subscriptions(ann)).isEmpty();
    }

    @Test
    void a_subscription_token_opens_its_channel_to_its_subject_and_brings_info() {
        tokens.put("good", Map.of("sub", "ann", "channel", "ticket:a", "info", Map.of("seat", 7)));
        assertThat(refusal(caller("ann"), "ticket:a")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal("good", caller("ann"), "ticket:b")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal("good", caller("bob"), "ticket:a")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal("good", caller("ann"), "closed:a")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal("bad", caller("ann"), "ticket:a")).isEqualTo(Reason.PERMISSION_DENIED);
        assertThat(refusal("old", caller("ann"), "ticket:a")).isEqualTo(Reason.TOKEN_EXPIRED);
        tokens.put("over", Map.of("sub", "ann", "channel", "ticket:a", "exp", seconds(60), "expire_at", seconds(0)));
        assertThat(refusal("over", caller("ann"), "ticket:a")).isEqualTo(Reason.EXPIRED);

        Subscribed answer =
                withToken("good", connect(caller("ann")), "ticket:a").get();
        assertThat(answer.expiresIn()).isEmpty();
        assertThat(answer.member().info()).isEqualTo("{\"seat\":7}");
        assertThat(answer.member().json()).endsWith(",\"chan_info\":{\"seat\":7}}");
        Caller outside = new Caller("https://id|ann", "Ann", java.util.Set.of(), Map.of("sub", "ann"));
        assertThat(withToken("good", connect(outside), "ticket:a")
                        .get()
                        .member()
                        .user())
                .isEqualTo("https://id|ann");
    }

    @Test
    void who_listened_when_it_asked_is_answered_though_it_has_left_meanwhile() {
        tokens.put("good", token(60));
        TestSubscriber ann = connect(caller("ann"));
        assertThat(node.channels.listens(ann, "ticket:a")).isFalse();
        withToken("good", ann, "ticket:a").get();
        boolean listened = node.channels.listens(ann, "ticket:a");
        node.channels.unsubscribe(ann, "ticket:a");

        assertThat(soon(Node.future(node.channels.presence(ann, "ticket:a", 5, listened)))
                        .users())
                .isEmpty();
        assertThat(refusalOf(Node.future(node.channels.presence(ann, "ticket:a", 5))))
                .isEqualTo(Reason.PERMISSION_DENIED);
    }

    @Test
    void a_token_of_nobody_is_for_nobody() {
        tokens.put("anon", Map.of("channel", "ticket:a"));
        assertThat(refusal("anon", caller("ann"), "ticket:a")).isEqualTo(Reason.PERMISSION_DENIED);
        withToken("anon", connect(Caller.anonymous()), "ticket:a").get();
    }

    @Test
    void a_subscription_ends_with_its_token_unless_it_is_refreshed() {
        tokens.put("short", token(60));
        tokens.put("longer", token(120));
        tokens.put("kept", Map.of("sub", "ann", "channel", "ticket:a", "exp", seconds(10), "expire_at", 0));
        TestSubscriber ann = connect(caller("ann"));
        assertThat(withToken("short", ann, "ticket:a").get().expiresIn()).contains(Duration.ofSeconds(60));
        TestSubscriber bob = connect(caller("ann"));
        withToken("short", bob, "ticket:a").get();
        TestSubscriber cid = connect(caller("ann"));
        assertThat(withToken("kept", cid, "ticket:a").get().expiresIn()).isEmpty();

        clock.advance(Duration.ofSeconds(70));
        node.channels.sweep();
        assertThat(soon(Node.future(node.channels.refresh(ann, "ticket:a", "longer"))))
                .contains(Duration.ofSeconds(50));
        assertThat(refusalOf(Node.future(node.channels.refresh(bob, "ticket:a", "short"))))
                .isEqualTo(Reason.TOKEN_EXPIRED);
        clock.advance(Duration.ofSeconds(14));
        node.channels.sweep();
        assertThat(bob.events(Unsubscribed.class)).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        node.channels.sweep();

        assertThat(bob.events(Unsubscribed.class)).containsExactly(new Unsubscribed(Cause.EXPIRED));
        assertThat(ann.events(Unsubscribed.class)).isEmpty();
        clock.advance(Duration.ofSeconds(60));
        node.channels.sweep();
        assertThat(ann.events(Unsubscribed.class)).hasSize(1);
        assertThat(cid.events(Unsubscribed.class)).isEmpty();
        assertThat(node.channels.presence("ticket:a", 9).connections()).hasSize(1);
    }

    @Test
    void a_subscription_that_is_refreshed_for_ever_does_not_end() {
        tokens.put("short", token(60));
        tokens.put("kept", Map.of("sub", "ann", "channel", "ticket:a", "exp", seconds(10), "expire_at", 0));
        TestSubscriber ann = connect(caller("ann"));
        withToken("short", ann, "ticket:a").get();

        assertThat(soon(Node.future(node.channels.refresh(ann, "ticket:a", "kept"))))
                .isEmpty();
        clock.advance(Duration.ofDays(1));
        node.channels.sweep();

        assertThat(ann.events(Unsubscribed.class)).isEmpty();
    }

    @Test
    void an_end_beyond_all_time_is_none_that_comes() {
        tokens.put("late", Map.of("sub", "ann", "channel", "ticket:a", "expire_at", Long.MAX_VALUE));
        TestSubscriber ann = connect(caller("ann"));
        withToken("late", ann, "ticket:a").get();
        clock.advance(Duration.ofDays(1));
        node.channels.sweep();

        assertThat(ann.events(Unsubscribed.class)).isEmpty();
    }

    @Test
    void refreshing_what_is_not_subscribed_is_refused() {
        assertThat(refusalOf(Node.future(node.channels.refresh(connect(caller("ann")), "ticket:a", "x"))))
                .isEqualTo(Reason.NOT_AVAILABLE);
    }

    @Test
    void the_server_ends_a_subscription_and_says_so() {
        TestSubscriber ann = subscribe(caller("ann"), "kept:a");
        assertThat(node.channels.expel(ann, "kept:a")).isTrue();
        assertThat(node.channels.expel(ann, "kept:a")).isFalse();
        assertThat(ann.events(Unsubscribed.class)).containsExactly(new Unsubscribed(Cause.SERVER));
    }

    private Map<String, Object> token(int lifetime) {
        return Map.of("sub", "ann", "channel", "ticket:a", "exp", seconds(lifetime));
    }

    private long seconds(int fromNow) {
        return clock.instant().plusSeconds(fromNow).getEpochSecond();
    }

    private TestSubscriber connect(Caller caller) {
        return node.connect(new TestSubscriber("c" + ++connections, caller));
    }

    private TestSubscriber subscribe(Caller caller, String channel) {
        TestSubscriber subscriber = connect(caller);
        node.subscribe(subscriber, channel);
        return subscriber;
    }

    private TestSubscriber.Answer withToken(String token, TestSubscriber who, String channel) {
        return node.ask(who, SubscribeRequest.to(channel).withToken(token));
    }

    private Reason refusal(Caller caller, String channel) {
        return refusal("", caller, channel);
    }

    private Reason refusal(String token, Caller caller, String channel) {
        return withToken(token, connect(caller), channel).refusal();
    }

    private void publish(TestSubscriber who, String channel) {
        soon(Node.future(node.channels.publish(who, new PublishRequest(channel, "1"))));
    }

    private Reason publishRefusal(TestSubscriber who, String channel) {
        return refusalOf(Node.future(node.channels.publish(who, new PublishRequest(channel, "1"))));
    }
}
