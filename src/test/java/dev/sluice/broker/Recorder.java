package dev.sluice.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A feed that writes down what it is handed. Thread-safe. */
public final class Recorder implements Feed {
    private final Map<String, List<Publication>> publications = new HashMap<>();
    private final List<Signal> signals = new ArrayList<>();
    private int losses;

    @Override
    public synchronized void publication(Publication publication) {
        publications
                .computeIfAbsent(publication.channel(), channel -> new ArrayList<>())
                .add(publication);
    }

    @Override
    public synchronized void signal(Signal signal) {
        signals.add(signal);
    }

    @Override
    public synchronized void lost() {
        losses++;
    }

    public synchronized int losses() {
        return losses;
    }

    /** Those of one channel, in the order they came in. */
    public synchronized List<Publication> of(String channel) {
        return List.copyOf(publications.getOrDefault(channel, List.of()));
    }

    public List<String> data(String channel) {
        return of(channel).stream().map(Publication::data).toList();
    }

    public List<Long> offsets(String channel) {
        return of(channel).stream().map(one -> one.position().offset()).toList();
    }

    public synchronized int count() {
        return publications.values().stream().mapToInt(List::size).sum();
    }

    public synchronized List<Signal> signals(String channel) {
        return signals.stream().filter(one -> one.channel().equals(channel)).toList();
    }
}
