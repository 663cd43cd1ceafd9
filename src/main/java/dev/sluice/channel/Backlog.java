package dev.sluice.channel;

import dev.sluice.broker.Publication;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * Who waits in a topic for the history to be read, and what the feed hands in meanwhile. One reading goes on at a time;
 * who comes during it waits for the next one, which all who wait then share. Guarded by the lock of its topic.
 */
final class Backlog {
    private List<Waiter> waiting = new ArrayList<>(0);
    private List<Waiter> reading = List.of();
    private final Deque<Publication> buffer = new ArrayDeque<>(0);
    private long characters;

    void add(Waiter waiter) {
        waiting.add(waiter);
    }

    /** Those who share the next reading, if it may begin now; else nobody. */
    List<Waiter> startReading() {
        if (!reading.isEmpty() || waiting.isEmpty()) {
            return List.of();
        }
        reading = waiting;
        waiting = new ArrayList<>(0);
        return reading;
    }

    /** The reading is over: those who waited for it. */
    List<Waiter> endReading() {
        List<Waiter> readers = reading;
        reading = List.of();
        return readers;
    }

    /** Lets a subscription wait no longer: it is refused. Those who read go on for the others. */
    void refuse(Subscription subscription, ChannelException error) {
        for (List<Waiter> list : List.of(waiting, reading)) {
            list.stream().filter(waiter -> waiter.isFirstOf(subscription)).forEach(waiter -> waiter.refuse(error));
        }
        waiting.removeIf(waiter -> waiter.isFirstOf(subscription));
    }

    /** Keeps what those who wait will need; the oldest goes where it is too much, and they are not recovered. */
    void keep(Publication publication) {
        if (isIdle()) {
            return;
        }
        buffer.add(publication);
        characters += publication.data().length();
        while (buffer.size() > Recovery.MOST || characters > Recovery.MOST_CHARACTERS) {
            characters -= buffer.remove().data().length();
        }
    }

    Collection<Publication> kept() {
        return Collections.unmodifiableCollection(buffer);
    }

    /** Forgets what nobody waits for. */
    void tidy() {
        if (isIdle()) {
            buffer.clear();
            characters = 0;
        }
    }

    private boolean isIdle() {
        return reading.isEmpty() && waiting.isEmpty();
    }
}
