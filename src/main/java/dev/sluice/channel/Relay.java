package dev.sluice.channel;

import dev.sluice.broker.Broker;
import dev.sluice.broker.Signal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the other nodes through one broker, and which of them are known. What is to be told is queued under the lock
 * of a topic, so that it leaves in the order in which it happened, and sent after the lock is given back, because a broker
 * may hand it to another hub at once. Nobody is told anything while no other node is known. Thread-safe.
 */
final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /** Nodes make themselves known as often. */
    static final Duration ANNOUNCED_EVERY = Duration.ofSeconds(25);
    /** A node, or a member, that was not heard of for so long is gone. */
    static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(60);

    private static final int QUEUED_MOST = 10_000;
    private static final int NODES_MOST = 1_000;

    private final Broker broker;
    private final String node;
    private final InstantSource ticks;
    private final ChannelMetrics metrics;
    private final Map<String, Instant> nodes = new ConcurrentHashMap<>();
    private final Queue<Signal> queue = new LinkedBlockingQueue<>(QUEUED_MOST);
    private final AtomicInteger pending = new AtomicInteger();

    Relay(Broker broker, String node, InstantSource ticks, ChannelMetrics metrics) {
        this.broker = broker;
        this.node = node;
        this.ticks = ticks;
        this.metrics = metrics;
    }

    Broker broker() {
        return broker;
    }

    boolean isOwn(Signal signal) {
        return signal.node().equals(node);
    }

    /** This node, as the sender of a publication: JSON. */
    String signature() {
        return '"' + node + '"';
    }

    /** Queues something that only matters if somebody else is there; what does not fit is lost until the next time, and counted. */
    void tell(String channel, String kind, String body) {
        if (!nodes.isEmpty()) {
            offer(new Signal(node, channel, kind, body));
        }
    }

    /** Tells all nodes that this one is there, or goes. Not under a lock. */
    void call(String kind) {
        offer(new Signal(node, "", kind, "{}"));
        flush();
    }

    private void offer(Signal signal) {
        if (!queue.offer(signal)) {
            metrics.lostSignal();
        }
    }

    /** Sends what is queued, in its order. Not under a lock. */
    void flush() {
        if (queue.isEmpty() || pending.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Signal next = queue.poll(); next != null; next = queue.poll()) {
                send(next);
            }
            seen = pending.addAndGet(-seen);
        } while (seen != 0);
    }

    /** What fails with one must not keep the others here: whoever comes next counts on this thread to send them. */
    private void send(Signal signal) {
        try {
            broker.signal(signal);
        } catch (RuntimeException | Error e) {
            metrics.lostSignal();
            LOG.error("A signal to the other nodes is lost", e);
        }
    }

    /**
     * A node was heard.
     *
     * @return whether it was not known
     */
    boolean heard(String other) {
        if (nodes.size() >= NODES_MOST && !nodes.containsKey(other)) {
            return false;
        }
        return nodes.put(other, ticks.instant()) == null;
    }

    void forget(String other) {
        nodes.remove(other);
    }

    /** Forgets the nodes that are silent; their members are forgotten one by one, as those that a node forgot. */
    void forgetSilent(Instant now) {
        nodes.values().removeIf(heard -> !heard.plus(FORGOTTEN_AFTER).isAfter(now));
    }

    boolean isAlone() {
        return nodes.isEmpty();
    }
}
