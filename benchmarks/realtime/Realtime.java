/** Clients that measure channels; see {@code scripts/bench-realtime}, which starts the servers. */
final class Realtime {
    private Realtime() {}

    public static void main(String[] arguments) {
        Options options = Options.of(arguments);
        boolean met =
                switch (options.part()) {
                    case "burst" -> new Fanout(options).burst();
                    case "single" -> new Fanout(options).single();
                    case "stalled" -> new Fanout(options).stalled();
                    case "durable" -> new Durable(options).run();
                    case "idle" -> new Idle(options).run();
                    case "join" -> new Join(options).run();
                    case "recover" -> new Recover(options).run();
                    default -> throw new IllegalArgumentException("there is no part " + options.part());
                };
        System.exit(met ? 0 : 3);
    }
}
