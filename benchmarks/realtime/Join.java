import java.util.Collections;
import java.util.List;

/** Clients that connect and join one room, all at once: each is told of itself, and all of each other. */
final class Join {
    private static final double SECONDS_AIM = 1;

    private final Options options;
    private final Server server;
    private final Samples samples = new Samples();
    private final Aims aims = new Aims();

    Join(Options options) {
        this.options = options;
        this.server = options.first();
    }

    boolean run() {
        double first = sample(0);
        for (int round = 1; round < options.warm(); round++) {
            sample(round);
        }
        samples.forget();
        for (int round = 0; round < options.rounds(); round++) {
            sample(options.warm() + round);
            System.err.print('.');
        }
        System.err.println();
        System.out.println("\n### " + options.clients() + " clients that connect and join one room at once, " + options.rounds()
                + " rounds\n");
        System.out.println("| | seconds until the last is in: median (range) |\n|---|---|");
        System.out.println("| a server that has just started | " + Samples.text(first) + " |");
        System.out.println("| one that is warm | " + Samples.text(samples.median("seconds")) + " ("
                + samples.spread("seconds") + ") |\n");
        aims.atMost("seconds until all have joined", samples.median("seconds"), SECONDS_AIM);
        return aims.print();
    }

    private double sample(int round) {
        List<Crowd.Wish> wishes =
                Collections.nCopies(options.clients(), Crowd.Wish.of(Speech.ROOM + "bench-" + round));
        long began = System.nanoTime();
        try (Crowd crowd = new Crowd()) {
            crowd.join(server, wishes, options.clients());
            double seconds = (System.nanoTime() - began) / 1e9;
            samples.add("seconds", seconds);
            crowd.tolerate();
            return seconds;
        } finally {
            server.awaitConnections(0);
        }
    }
}
