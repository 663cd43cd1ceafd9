package dev.sluice.channel;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Subscriptions of which it could not be told whether their callers still may listen. They come again in the order in which
 * they came, some of them each second: whatever was in the way, a database that is away or too many questions at once,
 * should not be made worse. Thread-safe.
 */
final class Unchecked {
    static final Duration PACE = Duration.ofSeconds(1);
    /** A quarter of the questions that may wait. */
    static final int AT_ONCE = 250;

    private final Set<Subscription> waiting = new LinkedHashSet<>();
    private Instant next = Instant.MIN;

    synchronized void add(Subscription subscription) {
        waiting.add(subscription);
    }

    /** Those to be checked now, which are forgotten here. */
    synchronized List<Subscription> due(Instant now) {
        if (waiting.isEmpty() || now.isBefore(next)) {
            return List.of();
        }
        next = now.plus(PACE);
        List<Subscription> due = new ArrayList<>();
        Iterator<Subscription> oldest = waiting.iterator();
        while (oldest.hasNext() && due.size() < AT_ONCE) {
            Subscription subscription = oldest.next();
            oldest.remove();
            if (!subscription.isOver()) {
                due.add(subscription);
            }
        }
        return due;
    }
}
