import java.util.ArrayList;
import java.util.List;

/** What connections cost that only listen: heap, and memory of the process, with what the hub keeps of them. */
final class Idle {
    private static final int MEMBERS = 100;
    private static final double HEAP_AIM = 20;
    private static final double RESIDENT_AIM = 512;

    private final Options options;
    private final Aims aims = new Aims();

    Idle(Options options) {
        this.options = options;
    }

    /** All servers are fresh: each is measured once. */
    boolean run() {
        System.out.println("\n### " + options.clients() + " idle connections, " + MEMBERS
                + " in each channel, with presence\n");
        System.out.println("| server | KB of heap for each | MB of heap in all | MB resident: without any, with all,"
                + " at most |\n|---|---|---|---|");
        options.servers().forEach(this::measure);
        return aims.print();
    }

    private void measure(Server server) {
        try (Crowd crowd = new Crowd()) {
            long resident = server.resident();
            int few = options.clients() / 10;
            crowd.join(server, wishes(0, few), 100);
            long before = server.heapAfterCollection();
            crowd.join(server, wishes(few, options.clients()), 100);
            long after = server.heapAfterCollection();
            double mostResident = server.mostResident() / 1024.0;
            double each = (double) (after - before) / (options.clients() - few);
            System.out.println("| " + server.name() + " | " + Samples.text(each) + " | " + Samples.text(after / 1024.0)
                    + " | " + Samples.text(resident / 1024.0) + ", " + Samples.text(server.resident() / 1024.0) + ", "
                    + Samples.text(mostResident) + " |");
            aims.atMost("KB of heap for each idle connection, " + server.name(), each, HEAP_AIM);
            aims.atMost("MB resident, " + server.name(), mostResident, RESIDENT_AIM);
        }
    }

    private static List<Crowd.Wish> wishes(int from, int to) {
        List<Crowd.Wish> wishes = new ArrayList<>();
        for (int i = from; i < to; i++) {
            wishes.add(Crowd.Wish.of("idle:" + i / MEMBERS));
        }
        return wishes;
    }
}
