package dev.sluice.channel;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What is counted of channels. Thread-safe. */
final class ChannelMetrics {
    private final Counter publications;
    private final Counter deliveries;
    private final Counter lost;
    private final Counter lostSignals;
    private final Counter subscribed;
    private final Counter recovered;
    private final Counter unrecovered;

    ChannelMetrics(MeterRegistry registry) {
        publications = Counter.builder("sluice.channel.publications")
                .description("Publications that had subscribers on this node")
                .register(registry);
        deliveries = Counter.builder("sluice.channel.deliveries")
                .description("Publications handed to a subscriber")
                .register(registry);
        lost = Counter.builder("sluice.channel.lost")
                .description("Subscriptions ended because publications were missed")
                .register(registry);
        lostSignals = Counter.builder("sluice.channel.signals.lost")
                .description(
                        "Signals to other nodes that found no room before they came to a broker, or were not taken")
                .register(registry);
        subscribed = subscriptions(registry, "none");
        recovered = subscriptions(registry, "complete");
        unrecovered = subscriptions(registry, "impossible");
    }

    private static Counter subscriptions(MeterRegistry registry, String recovery) {
        return Counter.builder("sluice.channel.subscriptions")
                .description("Subscriptions begun, by what became of their recovery")
                .tag("recovery", recovery)
                .register(registry);
    }

    void delivered(int subscribers) {
        if (subscribers > 0) {
            publications.increment();
            deliveries.increment(subscribers);
        }
    }

    void lost(int subscriptions) {
        lost.increment(subscriptions);
    }

    void lostSignal() {
        lostSignals.increment();
    }

    void subscribed(boolean recovering, boolean complete) {
        (complete ? recovered : recovering ? unrecovered : subscribed).increment();
    }
}
