import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Clients that come back all at once, and what they missed. */
final class Recover {
    private static final int MISSED = 20;
    private static final double SECONDS_AIM = 5;
    /** For each channel, whatever the number of clients. */
    private static final double QUERIES_AIM = 10;

    private static final Pattern PLACE = Pattern.compile("\"epoch\":\"([^\"]*)\",\"offset\":(\\d+)");
    private static final Pattern NUMBER = Pattern.compile("\"data\":\"(\\d{8})");

    private final Options options;
    private final Server server;
    private final Samples samples = new Samples();
    private final Aims aims = new Aims();
    private int next = 1;

    Recover(Options options) {
        this.options = options;
        this.server = options.first();
    }

    boolean run() {
        int[] sizes = {options.clients() / 5, options.clients()};
        for (int round = -1; round < options.rounds(); round++) {
            if (round == 0) {
                samples.forget();
            }
            for (int clients : sizes) {
                sample(clients);
            }
            System.err.print('.');
        }
        System.err.println();
        System.out.println("\n### Clients, signed in, that come back at once to " + options.channels() + " channels and recover "
                + MISSED + " messages each, " + options.rounds() + " rounds\n");
        System.out.println("| clients | seconds until the last has all: median (range) | transactions of the database:"
                + " median (range) |\n|---|---|---|");
        for (int clients : sizes) {
            System.out.println("| " + clients + " | " + Samples.text(samples.median("seconds-" + clients)) + " ("
                    + samples.spread("seconds-" + clients) + ") | " + Samples.text(samples.median("queries-" + clients))
                    + " (" + samples.spread("queries-" + clients) + ") |");
        }
        System.out.println("\nTransactions that come without any client are taken off.");
        String all = "-" + options.clients();
        aims.atMost("seconds until " + options.clients() + " clients have recovered", samples.median("seconds" + all), SECONDS_AIM);
        aims.atMost(
                "transactions for each channel", samples.median("queries" + all) / options.channels(), QUERIES_AIM);
        return aims.print();
    }

    private void sample(int clients) {
        List<Crowd.Wish> wishes = interrupted(clients);
        double perSecond = perSecond();
        long before = transactions();
        long began = System.nanoTime();
        try (Crowd crowd = new Crowd()) {
            List<Listener> back = crowd.join(server, wishes, clients);
            samples.add("seconds-" + clients, (System.nanoTime() - began) / 1e9);
            back.forEach(this::check);
            long after = transactions();
            double seconds = (System.nanoTime() - began) / 1e9;
            samples.add("queries-" + clients, Math.max(1, after - before - perSecond * seconds));
        }
        server.awaitConnections(0);
    }

    /** What clients want that have gone and have missed something. */
    private List<Crowd.Wish> interrupted(int clients) {
        List<Crowd.Wish> wishes = new ArrayList<>();
        try (Crowd crowd = new Crowd();
                Speaker speaker = new Speaker(server)) {
            // A namespace keeps nothing of a channel that never had a publication.
            next--;
            publish(speaker, 1);
            List<Crowd.Wish> first = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                first.add(Crowd.Wish.of(channel(i)));
            }
            for (Listener listener : crowd.join(server, first, 200)) {
                wishes.add(Crowd.Wish.since(listener.channel(), since(listener)));
            }
            crowd.leave();
            server.awaitConnections(1);
            publish(speaker, MISSED);
        }
        server.awaitConnections(0);
        return wishes;
    }

    private void publish(Speaker speaker, int messages) {
        for (int channel = 0; channel < options.channels(); channel++) {
            for (int i = 0; i < messages; i++) {
                speaker.publish(speaker.publication(channel(channel), next + i, options.bytes()));
            }
        }
        next += messages;
    }

    private static String since(Listener listener) {
        Matcher place = place(listener.answer());
        return ",\"since\":{\"epoch\":\"" + place.group(1) + "\",\"offset\":" + place.group(2) + "}";
    }

    private static Matcher place(String answer) {
        Matcher place = PLACE.matcher(answer);
        if (!place.find()) {
            throw new IllegalStateException("no place: " + answer);
        }
        return place;
    }

    private void check(Listener listener) {
        Matcher number = NUMBER.matcher(listener.answer());
        for (int expected = next - MISSED; expected < next; expected++) {
            if (!number.find() || Integer.parseInt(number.group(1)) != expected) {
                throw new IllegalStateException("message " + expected + " is missing: " + listener.answer());
            }
        }
        if (number.find() || !listener.answer().contains("\"recovered\":true")) {
            throw new IllegalStateException("not what was missed: " + listener.answer());
        }
    }

    private String channel(int client) {
        return "kept:recover-" + client % options.channels();
    }

    private double perSecond() {
        long before = transactions();
        long began = System.nanoTime();
        pause(2000);
        return (transactions() - before) / ((System.nanoTime() - began) / 1e9);
    }

    /** All that the database has done so far. Its sessions report at the latest when they have rested for ten seconds. */
    private long transactions() {
        pause(11_000);
        return Long.parseLong(Server.run(
                        "psql", "-XAtc", "select sum(xact_commit + xact_rollback) from pg_stat_database", options.database())
                .strip());
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
