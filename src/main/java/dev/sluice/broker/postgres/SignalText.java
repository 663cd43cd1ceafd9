package dev.sluice.broker.postgres;

import dev.sluice.broker.Signal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Signals as the text of notifications: records and fields between control characters, which JSON and names hold none
 * of. Each text begins with a number of its own: PostgreSQL tells equal ones of one transaction once. Stateless but for
 * that number; for one thread.
 */
final class SignalText {
    /** PostgreSQL refuses 8,000 bytes. */
    static final int MOST_BYTES = 7_900;

    private static final char RECORD = '\u001e';
    private static final char FIELD = '\u001f';
    private static final char WAKE = 'w';
    private static final int FIELDS = 4;

    private long count;

    /** Whether it can be told at all. */
    static boolean fits(Signal signal) {
        String all = signal.node() + signal.channel() + signal.kind() + signal.body();
        return all.chars().noneMatch(c -> c == 0 || c == RECORD || c == FIELD)
                && bytes(record(signal)) <= MOST_BYTES - 24;
    }

    /**
     * As few texts as hold them, in their order.
     *
     * @param wake whether they also say that the stream has grown
     */
    List<String> write(List<Signal> signals, boolean wake) {
        List<String> texts = new ArrayList<>();
        StringBuilder text = begin();
        if (wake) {
            text.append(WAKE);
        }
        int size = 24;
        for (Signal signal : signals) {
            String record = record(signal);
            int more = bytes(record);
            if (size + more > MOST_BYTES) {
                texts.add(text.toString());
                text = begin();
                size = 24;
            }
            text.append(record);
            size += more;
        }
        texts.add(text.toString());
        return texts;
    }

    private StringBuilder begin() {
        return new StringBuilder().append(++count);
    }

    private static String record(Signal signal) {
        return RECORD + signal.node() + FIELD + signal.channel() + FIELD + signal.kind() + FIELD + signal.body();
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    static boolean wakes(String text) {
        int end = text.indexOf(RECORD);
        return text.lastIndexOf(WAKE, end < 0 ? text.length() : end) >= 0;
    }

    static List<Signal> read(String text) {
        List<Signal> signals = new ArrayList<>();
        String[] records = text.split("" + RECORD, -1);
        for (int i = 1; i < records.length; i++) {
            String[] fields = records[i].split("" + FIELD, -1);
            if (fields.length == FIELDS) {
                signals.add(new Signal(fields[0], fields[1], fields[2], fields[3]));
            }
        }
        return signals;
    }
}
