package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.History;
import dev.sluice.broker.Position;
import dev.sluice.settings.ChannelSettings;
import dev.sluice.settings.Settings;
import dev.sluice.settings.SettingsSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A node's channels, on a broker it may share with others. */
final class Node implements AutoCloseable {
    /** Namespaces for tests: all may do all. */
    private static final Map<String, String> OPEN = Map.of(
            "sluice.namespace.kept.subscribe", "public",
            "sluice.namespace.kept.publish", "public",
            "sluice.namespace.kept.history-size", "1000",
            "sluice.namespace.kept.presence", "true",
            "sluice.namespace.kept.join-leave", "true",
            "sluice.namespace.loose.subscribe", "public",
            "sluice.namespace.loose.publish", "public",
            "sluice.namespace.loose.presence", "true",
            "sluice.namespace.loose.join-leave", "true");

    final Channels channels;
    final ManualClock clock;

    Node(Broker broker, ManualClock clock, ChannelSettings settings) {
        this(broker, clock, settings, (function, caller, channel) -> false, token -> Map.of(), Map.of());
    }

    Node(
            Broker broker,
            ManualClock clock,
            ChannelSettings settings,
            PermissionFunctions functions,
            Channels.Tokens tokens,
            Map<String, Stamp> stamps) {
        this.clock = clock;
        this.channels = new Channels(
                settings, broker, broker, functions, tokens, stamps, clock, clock, new SimpleMeterRegistry());
        channels.start();
    }

    /** Settings as a file would give them, on top of the open namespaces {@code kept} and {@code loose}. */
    static ChannelSettings settings(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(OPEN);
        all.putAll(properties);
        return Settings.read(SettingsSources.ofContext(all, Map.of())).channels();
    }

    static MemoryBroker broker(ChannelSettings settings) {
        return new MemoryBroker(Channels.retention(settings));
    }

    TestSubscriber connect(String connection, String user) {
        return connect(TestSubscriber.of(connection, user));
    }

    TestSubscriber connect(TestSubscriber subscriber) {
        channels.connect(subscriber);
        return subscriber;
    }

    /** Connects somebody new who listens to a channel. */
    TestSubscriber join(String connection, String user, String channel) {
        TestSubscriber subscriber = connect(connection, user);
        subscribe(subscriber, channel);
        return subscriber;
    }

    Subscribed subscribe(TestSubscriber subscriber, String channel) {
        return ask(subscriber, SubscribeRequest.to(channel)).get();
    }

    TestSubscriber.Answer ask(TestSubscriber subscriber, SubscribeRequest request) {
        TestSubscriber.Answer answer = subscriber.answer();
        channels.subscribe(subscriber, request, answer);
        return answer;
    }

    Position publish(String channel, String data) {
        return TestSubscriber.soon(future(channels.publisher().publish(channel, "", data)));
    }

    CompletableFuture<History> history(TestSubscriber subscriber, String channel, int limit) {
        return future(channels.history(subscriber, new HistoryRequest(channel, limit, Optional.empty(), false)));
    }

    static <T> CompletableFuture<T> future(CompletionStage<T> stage) {
        return stage.toCompletableFuture();
    }

    @Override
    public void close() {
        channels.close();
    }
}
