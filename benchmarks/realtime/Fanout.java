import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Messages from one to many: in a burst, one at a time, at an even rate, and with peers that read nothing. */
final class Fanout {
    private static final String CHANNEL = "bench:fan";
    private static final int DEAF = 50;
    /** Time in which those who read nothing are let go: after ten seconds, and some. */
    private static final int LET_GO_SECONDS = 15;

    private final Options options;
    private final Samples samples = new Samples();
    private final Aims aims = new Aims();

    Fanout(Options options) {
        this.options = options;
    }

    /** The clients of one server, all in one channel, and who speaks to them. */
    private final class Room implements AutoCloseable {
        private final Crowd crowd = new Crowd();
        private final List<Listener> listeners;
        private final Speaker speaker;
        private int next = 1;

        Room(Server server, int clients) {
            listeners = crowd.join(server, Collections.nCopies(clients, Crowd.Wish.of(CHANNEL)), 200);
            speaker = new Speaker(server);
        }

        /** Thousand deliveries a second when all messages are sent at once. */
        double burst(int messages) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < messages; i++) {
                all.writeBytes(speaker.publication(CHANNEL, next + i, options.bytes()));
            }
            Crowd.Run run = crowd.begin(listeners, next, messages);
            next += messages;
            speaker.forget();
            long began = System.nanoTime();
            speaker.send(all.toByteArray());
            crowd.await(run);
            return 1e6 * messages * listeners.size() / (run.endedAt() - began);
        }

        /** Thousand deliveries a second when each message waits until all have the one before. */
        double single(int messages) {
            long nanos = 0;
            for (int i = 0; i < messages; i++) {
                byte[] publication = speaker.publication(CHANNEL, next, options.bytes());
                Crowd.Run run = crowd.begin(listeners, next++, 1);
                speaker.forget();
                long began = System.nanoTime();
                speaker.send(publication);
                crowd.await(run);
                nanos += run.endedAt() - began;
            }
            return 1e6 * messages * listeners.size() / nanos;
        }

        /** Microseconds from the time when a message was to be sent until each delivery. */
        int[] paced(double rate, int seconds) {
            int messages = (int) Math.max(1, rate * seconds);
            Crowd.Run run = crowd.begin(listeners, next, messages);
            speaker.forget();
            long began = System.nanoTime() + 10_000_000;
            for (int i = 0; i < messages; i++) {
                byte[] publication = speaker.publication(CHANNEL, next, options.bytes());
                long due = began + (long) (i * 1e9 / rate);
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                run.sent(next++, due);
                speaker.send(publication);
            }
            crowd.await(run);
            return run.micros();
        }

        @Override
        public void close() {
            speaker.close();
            crowd.close();
        }
    }

    boolean burst() {
        rounds(server -> {
            try (Room room = new Room(server, options.clients())) {
                room.burst(options.messages() / 3);
                samples.add(server.name(), room.burst(options.messages()));
            }
        });
        title("Burst: " + options.messages() + " messages at once to " + clients());
        table("thousand deliveries a second", "", true);
        for (Server server : options.servers()) {
            if (server.name().equals("ws") || server.name().equals("ws-corked")) {
                aims.atLeast(
                        "burst, times as fast as " + server.name(),
                        samples.ratio(options.first().name(), server.name()),
                        server.name().equals("ws") ? 8 : 1.2);
            }
        }
        return end();
    }

    boolean single() {
        double rate = rate();
        rounds(server -> {
            try (Room room = new Room(server, options.clients())) {
                room.single(20);
                samples.add(server.name(), room.single(options.messages() / 3));
                int[] micros = room.paced(rate, options.seconds());
                samples.add(server.name() + "-p50", Samples.percentile(micros, 50) / 1000);
                samples.add(server.name() + "-p99", Samples.percentile(micros, 99) / 1000);
            }
        });
        title("One at a time: each message to " + clients() + " waits until all have the one before");
        table("thousand deliveries a second", "", true);
        title(Samples.text(rate) + " messages a second to " + clients() + ", half of what saturates ws");
        table("p50, ms", "-p50", false);
        System.out.println();
        table("p99, ms", "-p99", false);
        if (samples.has("ws")) {
            String ours = options.first().name();
            aims.atLeast("one at a time, times as fast as ws", samples.ratio(ours, "ws"), 1);
            aims.atMost("p99 at half of what saturates ws, times that of ws", samples.ratio(ours + "-p99", "ws-p99"), 1.5);
        }
        return end();
    }

    /** Half of the messages a second that saturate ws, unless it is given. */
    private double rate() {
        Server ws = options.servers().stream().filter(one -> one.name().equals("ws")).findFirst().orElse(null);
        if (options.rate() > 0 || ws == null) {
            return options.rate() > 0 ? options.rate() : 40;
        }
        List<Double> bursts = new ArrayList<>();
        try (Room room = new Room(ws, options.clients())) {
            for (int i = 0; i < 5; i++) {
                bursts.add(room.burst(options.messages()));
            }
        }
        Collections.sort(bursts);
        return 1000 * bursts.get(2) / options.clients() / 2;
    }

    boolean stalled() {
        double rate = rate();
        Server server = options.first();
        Deaf deaf = new Deaf(server, CHANNEL);
        int swallowed = deaf.calibrate();
        rounds(any -> {
            if (any != server) {
                return;
            }
            for (boolean reads : new boolean[] {true, false}) {
                try (Room room = new Room(server, options.clients() - DEAF);
                        Deaf.Crew crew = deaf.crew(DEAF, !reads, swallowed)) {
                    samples.add(reads ? "read as well" : "read nothing", p99(room, rate));
                    samples.add(reads ? "let go of those" : "let go", crew.letGo());
                }
            }
        });
        title(DEAF + " clients that may read nothing beside " + (options.clients() - DEAF) + " that do, "
                + Samples.text(rate) + " messages a second of " + options.bytes() + " bytes");
        System.out.println("| the " + DEAF + " | p99 of the others, ms: median (range) |\n|---|---|");
        for (String name : List.of("read as well", "read nothing")) {
            System.out.println("| " + name + " | " + Samples.text(samples.median(name)) + " (" + samples.spread(name) + ") |");
        }
        System.out.println("\nEach of them took about " + swallowed / 1024
                + " KB before writes to it began to wait; within a sample the server let go " + samples.spread("let go")
                + " of them.");
        aims.atMost("p99 with clients that read nothing, times that without", samples.ratio("read nothing", "read as well"), 1.5);
        aims.atLeast("of them stalled and were let go", samples.median("let go"), DEAF);
        return end();
    }

    private double p99(Room room, double rate) {
        return Samples.percentile(room.paced(rate, Math.max(options.seconds(), LET_GO_SECONDS)), 99) / 1000;
    }

    private interface Turn {
        void take(Server server);
    }

    /** All take turns, each round beginning with another one; those who only warm do not count. */
    private void rounds(Turn turn) {
        for (int round = -options.warm(); round < options.rounds(); round++) {
            if (round == 0) {
                samples.forget();
            }
            List<Server> order = new ArrayList<>(options.servers());
            Collections.rotate(order, round);
            for (Server server : order) {
                turn.take(server);
            }
            System.err.print('.');
        }
        System.err.println();
    }

    private String clients() {
        return options.clients() + " clients, " + options.bytes() + " bytes, " + options.rounds() + " rounds";
    }

    private static void title(String title) {
        System.out.println("\n### " + title + "\n");
    }

    private void table(String unit, String suffix, boolean more) {
        String ours = options.first().name();
        System.out.println("| server | " + unit + ": median (range) | Sluice " + (more ? "times as fast" : "times as long")
                + ": median (range) |\n|---|---|---|");
        for (Server server : options.servers()) {
            String name = server.name() + suffix;
            String ratio = server.name().equals(ours)
                    ? ""
                    : Samples.text(samples.ratio(ours + suffix, name)) + " (" + samples.ratioSpread(ours + suffix, name) + ")";
            System.out.println("| " + server.name() + " | " + Samples.text(samples.median(name)) + " ("
                    + samples.spread(name) + ") | " + ratio + " |");
        }
    }

    private boolean end() {
        boolean met = aims.print();
        System.out.println("\n<details><summary>Every sample</summary>\n\n```");
        samples.print();
        System.out.println("```\n</details>");
        return met;
    }
}
