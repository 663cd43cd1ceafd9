package dev.sluice.realtime.centrifugo;

/** The lines of one message that are still to be taken, but for blank ones. Used by one thread at a time. */
final class Lines {
    private final String message;
    private final Taker taker;
    private int from;
    private int count;

    /** What is done with each line; the first has the number 1. */
    @FunctionalInterface
    interface Taker {
        void take(String line, int number);
    }

    Lines(String message, Taker taker) {
        this.message = message;
        this.taker = taker;
    }

    String message() {
        return message;
    }

    boolean isEmpty() {
        while (from < message.length() && message.substring(from, end()).isBlank()) {
            from = end() + 1;
        }
        return from >= message.length();
    }

    /** Takes the next line; there must be one. */
    void takeOne() {
        String line = message.substring(from, end());
        from = end() + 1;
        count++;
        taker.take(line, count);
    }

    private int end() {
        int end = message.indexOf('\n', from);
        return end < 0 ? message.length() : end;
    }
}
