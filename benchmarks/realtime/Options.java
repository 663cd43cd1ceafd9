import java.util.ArrayList;
import java.util.List;

/** What the script wants: {@code part name=value… name,pid,url…}. Immutable. */
record Options(
        String part,
        List<Server> servers,
        int rounds,
        int warm,
        int clients,
        int bytes,
        int messages,
        int seconds,
        double rate,
        int channels,
        String database,
        int workers) {
    static Options of(String[] arguments) {
        List<Server> servers = new ArrayList<>();
        java.util.Map<String, String> given = new java.util.HashMap<>();
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].contains(",")) {
                servers.add(Server.of(arguments[i]));
            } else {
                String[] both = arguments[i].split("=", 2);
                given.put(both[0], both[1]);
            }
        }
        return new Options(
                arguments[0],
                servers,
                number(given, "rounds", 7),
                number(given, "warm", 3),
                number(given, "clients", 1000),
                number(given, "bytes", 200),
                number(given, "messages", 300),
                number(given, "seconds", 5),
                number(given, "rate", 0),
                number(given, "channels", 50),
                given.getOrDefault("database", ""),
                number(given, "workers", 128));
    }

    Server first() {
        return servers.get(0);
    }

    private static int number(java.util.Map<String, String> given, String name, int otherwise) {
        return given.containsKey(name) ? Integer.parseInt(given.get(name)) : otherwise;
    }
}
