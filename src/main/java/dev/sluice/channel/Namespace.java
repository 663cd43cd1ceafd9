package dev.sluice.channel;

import dev.sluice.broker.Retention;
import dev.sluice.settings.NamespaceSettings;
import java.util.concurrent.atomic.AtomicInteger;

/** A namespace at work: its settings, the way to its broker, and how many of its channels there are. Thread-safe. */
final class Namespace {
    private final NamespaceSettings settings;
    private final Relay relay;
    private final Stamp stamp;
    /** Of channels, on this node. */
    private final AtomicInteger channels = new AtomicInteger();

    Namespace(NamespaceSettings settings, Relay relay, Stamp stamp) {
        this.settings = settings;
        this.relay = relay;
        this.stamp = stamp;
    }

    NamespaceSettings settings() {
        return settings;
    }

    Relay relay() {
        return relay;
    }

    Stamp stamp() {
        return stamp;
    }

    boolean keeps() {
        return settings.historySize() > 0;
    }

    boolean hasOwners() {
        return settings.subscribe().contains(NamespaceSettings.OWNER);
    }

    static Retention retention(NamespaceSettings settings) {
        return settings.historySize() == 0
                ? Retention.NOTHING
                : new Retention(settings.historySize(), settings.historyAge());
    }

    /** Counts a channel that begins, if there may be one more. */
    boolean begin() {
        if (channels.incrementAndGet() > settings.channels()) {
            channels.decrementAndGet();
            return false;
        }
        return true;
    }

    void end() {
        channels.decrementAndGet();
    }

    int count() {
        return channels.get();
    }
}
