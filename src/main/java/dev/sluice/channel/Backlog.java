package dev.sluice.channel;

import dev.sluice.broker.History;
import dev.sluice.broker.Publication;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Who waits in a topic for the history to be read, and what the feed hands in meanwhile. One reading goes on at a time;
 * who comes during it waits for the next one, which all who wait then share. What was read can be held for a while: with
 * what the feed has handed in since, it is enough for most who come a moment later. Guarded by the lock of its topic.
 */
final class Backlog {
    /** What the reading that goes on is good for. */
    private enum Worth {
        /** All. */
        HOLDS,
        /** Those who share it, as they came before what has changed since. */
        ANSWERS,
        /** Nothing: publications were missed meanwhile. */
        NOTHING
    }

    /** Bytes that a publication takes beside its text. */
    private static final int OVERHEAD = 200;

    private final Allowance allowance;
    private List<Waiter> waiting = new ArrayList<>(0);
    private List<Waiter> reading = List.of();
    private Worth worth = Worth.HOLDS;
    private final Deque<Publication> buffer = new ArrayDeque<>(0);
    private long characters;
    private Optional<History> held = Optional.empty();
    private Instant heldUntil = Instant.MIN;
    private long heldCost;

    /** @param allowance the bytes that what all hold may take */
    Backlog(Allowance allowance) {
        this.allowance = allowance;
    }

    void add(Waiter waiter) {
        waiting.add(waiter);
    }

    /** Those who share the next reading, if it may begin now; else nobody. */
    List<Waiter> startReading() {
        if (!reading.isEmpty() || waiting.isEmpty()) {
            return List.of();
        }
        reading = takeWaiting();
        worth = Worth.HOLDS;
        return reading;
    }

    /** Those who wait for a reading that has not begun, and do not any more. */
    List<Waiter> takeWaiting() {
        List<Waiter> taken = waiting;
        waiting = new ArrayList<>(0);
        return taken;
    }

    /** Whether the reading that comes to its end is good for anything. */
    boolean isReadingWorthless() {
        return worth == Worth.NOTHING;
    }

    /** The reading is over: those who waited for it. */
    List<Waiter> endReading() {
        List<Waiter> readers = reading;
        reading = List.of();
        return readers;
    }

    /** The reading is over, and its readers wait for another one. */
    void repeatReading() {
        waiting.addAll(0, endReading());
    }

    /** All who wait, which nobody does any more. */
    List<Waiter> takeAll() {
        List<Waiter> all = new ArrayList<>(endReading());
        all.addAll(takeWaiting());
        return all;
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

    /**
     * Holds what was read just now, as much of it as a recovery can use, if it is worth that and there is room for it.
     *
     * @param read oldest first
     */
    void hold(History read, Instant until) {
        drop();
        History newest = newest(read);
        long cost = newest.publications().stream().mapToLong(Backlog::cost).sum();
        if (worth == Worth.HOLDS && allowance.reserve(cost)) {
            held = Optional.of(newest);
            heldUntil = until;
            heldCost = cost;
        }
        while (!buffer.isEmpty()
                && buffer.element().position().offset() <= read.top().offset()) {
            characters -= buffer.remove().data().length();
        }
    }

    /** About what it takes of the heap. */
    private static long cost(Publication publication) {
        return OVERHEAD + 2L * (publication.data().length() + publication.info().length());
    }

    private static History newest(History read) {
        List<Publication> all = read.publications();
        int from = all.size();
        long size = 0;
        while (from > 0 && size <= Recovery.MOST_CHARACTERS) {
            from--;
            size += all.get(from).data().length();
        }
        // A copy, of which the constructor makes no other: a part would keep the whole alive.
        return new History(read.top(), List.copyOf(all.subList(from, all.size())));
    }

    /** What is held: complete with what is {@link #kept}. */
    Optional<History> held(Instant now) {
        return held.filter(one -> heldUntil.isAfter(now));
    }

    /** What was published is another now: what was read does for nobody who comes from now on. */
    void revise() {
        drop();
        worth = worth == Worth.HOLDS ? Worth.ANSWERS : worth;
    }

    /** Publications were missed: what is kept has a gap, or is of another stream. */
    void lose() {
        drop();
        forget();
        worth = Worth.NOTHING;
    }

    /** Holds nothing any more. */
    void drop() {
        held = Optional.empty();
        allowance.release(heldCost);
        heldCost = 0;
    }

    /** Forgets what nobody needs. */
    void tidy() {
        if (isIdle()) {
            forget();
        }
    }

    private void forget() {
        buffer.clear();
        characters = 0;
    }

    private boolean isIdle() {
        return reading.isEmpty() && waiting.isEmpty() && held.isEmpty();
    }
}
