package dev.sluice.settings;

import dev.sluice.settings.NamespaceSettings.Storage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads the {@code sluice.namespace.…} properties and tells all that is wrong with them. What a property says of a
 * built-in namespace stands in the place of that alone. Used by one thread, once.
 */
final class NamespaceReader {
    static final String PREFIX = "sluice.namespace.";

    private static final Setting<List<String>> SUBSCRIBE = Values.list("subscribe", "", "", "");
    private static final Setting<List<String>> PUBLISH = Values.list("publish", "", "", "");
    private static final Setting<Optional<String>> SUBSCRIBE_FUNCTION = Values.optional("subscribe-function", "", "");
    private static final Setting<Optional<String>> PUBLISH_FUNCTION = Values.optional("publish-function", "", "");
    private static final Setting<Integer> HISTORY_SIZE = Values.integer("history-size", 0, 0, 100_000, "");
    private static final Setting<Duration> HISTORY_AGE = Values.duration("history-age", "1d", "");
    private static final Setting<Boolean> PRESENCE = Values.flag("presence", false, "");
    private static final Setting<Boolean> JOIN_LEAVE = Values.flag("join-leave", false, "");
    private static final Setting<Duration> TYPING_TTL = Values.duration("typing-ttl", "5s", "");
    private static final Setting<Integer> MEMBERS = Values.integer("members", 10_000, 1, 10_000_000, "");
    private static final Setting<Integer> CHANNELS = Values.integer("channels", 10_000_000, 1, 10_000_000, "");
    private static final Setting<Storage> BROKER = Values.choice("broker", Storage.class, Storage.AUTO, "");

    private static final List<Setting<?>> PROPERTIES = List.of(
            SUBSCRIBE,
            PUBLISH,
            SUBSCRIBE_FUNCTION,
            PUBLISH_FUNCTION,
            HISTORY_SIZE,
            HISTORY_AGE,
            PRESENCE,
            JOIN_LEAVE,
            TYPING_TTL,
            MEMBERS,
            CHANNELS,
            BROKER);

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{Nd}_.@-]{1,100}");
    private static final Pattern FUNCTION = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\.[A-Za-z_][A-Za-z0-9_]*");
    private static final Set<String> WHO_SUBSCRIBES = Set.of(
            NamespaceSettings.PUBLIC, NamespaceSettings.SIGNED_IN, NamespaceSettings.TOKEN, NamespaceSettings.OWNER);
    private static final Set<String> WHO_PUBLISHES = Set.of(
            NamespaceSettings.PUBLIC,
            NamespaceSettings.SIGNED_IN,
            NamespaceSettings.OWNER,
            NamespaceSettings.SUBSCRIBER);

    private final SettingsReader in;

    NamespaceReader(SettingsReader in) {
        this.in = in;
    }

    /** What there is without a settings file: closed to all but the signed in, unless it is the demo. */
    static Map<String, Map<String, String>> builtIn(boolean demo, int rooms, int roomMembers) {
        String anybody = demo ? NamespaceSettings.PUBLIC : NamespaceSettings.SIGNED_IN;
        Map<String, Map<String, String>> builtIn = new TreeMap<>();
        builtIn.put(
                "room",
                Map.ofEntries(
                        Map.entry("subscribe", anybody),
                        Map.entry("publish", NamespaceSettings.SUBSCRIBER),
                        Map.entry("history-size", "1000"),
                        Map.entry("history-age", "30d"),
                        Map.entry("presence", "true"),
                        Map.entry("join-leave", "true"),
                        Map.entry("members", Integer.toString(roomMembers)),
                        Map.entry("channels", Integer.toString(rooms))));
        builtIn.put("user", Map.of("subscribe", NamespaceSettings.OWNER, "history-size", "100", "history-age", "7d"));
        builtIn.put("tasks", Map.of("subscribe", NamespaceSettings.SIGNED_IN, "history-size", "100"));
        builtIn.put("updates", Map.of("subscribe", anybody, "history-size", "100"));
        if (demo) {
            Map<String, String> open = Map.of(
                    "subscribe",
                    NamespaceSettings.PUBLIC,
                    "publish",
                    NamespaceSettings.PUBLIC,
                    "presence",
                    "true",
                    "join-leave",
                    "true");
            builtIn.put("live", open);
            builtIn.put("demo", with(open, Map.of("history-size", "100")));
        }
        return builtIn;
    }

    List<NamespaceSettings> read(Map<String, Map<String, String>> builtIn, Map<String, String> properties) {
        Map<String, Map<String, String>> byName = new TreeMap<>(builtIn);
        properties.forEach((property, value) -> {
            String rest = property.substring(PREFIX.length());
            int dot = rest.lastIndexOf('.');
            String what = rest.substring(dot + 1);
            if (dot <= 0 || PROPERTIES.stream().noneMatch(known -> known.name().equals(what))) {
                in.error(property + ": expected sluice.namespace.NAME."
                        + String.join(
                                "|", PROPERTIES.stream().map(Setting::name).toList()));
            } else {
                byName.merge(rest.substring(0, dot), Map.of(what, value.strip()), NamespaceReader::with);
            }
        });
        List<NamespaceSettings> namespaces = new ArrayList<>();
        byName.forEach((name, values) -> namespaces.add(namespace(name, values)));
        return List.copyOf(namespaces);
    }

    private static Map<String, String> with(Map<String, String> values, Map<String, String> others) {
        Map<String, String> both = new HashMap<>(values);
        both.putAll(others);
        return Map.copyOf(both);
    }

    private NamespaceSettings namespace(String name, Map<String, String> values) {
        if (!NAME.matcher(name).matches()) {
            in.error(PREFIX + name + ": the name of a namespace has letters, digits and -_.@, at most 100");
        }
        NamespaceSettings read = new NamespaceSettings(
                name,
                who(name, SUBSCRIBE, values, WHO_SUBSCRIBES),
                who(name, PUBLISH, values, WHO_PUBLISHES),
                function(name, SUBSCRIBE_FUNCTION, values),
                function(name, PUBLISH_FUNCTION, values),
                value(name, HISTORY_SIZE, values),
                value(name, HISTORY_AGE, values),
                value(name, PRESENCE, values),
                value(name, JOIN_LEAVE, values),
                value(name, TYPING_TTL, values),
                value(name, MEMBERS, values),
                value(name, CHANNELS, values),
                value(name, BROKER, values));
        check(read);
        return read;
    }

    private void check(NamespaceSettings read) {
        if (read.joinLeave() && !read.presence()) {
            in.error(PREFIX + read.name() + ".join-leave: needs presence=true, which knows who comes and goes");
        }
        if (read.historySize() > 0 && read.historyAge().isZero()) {
            in.error(PREFIX + read.name() + ".history-age: with a history-size, expected a time above zero");
        }
    }

    private <T> T value(String name, Setting<T> setting, Map<String, String> values) {
        String text = values.getOrDefault(setting.name(), setting.defaultText());
        try {
            return setting.parser().apply(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            in.error(PREFIX + name + "." + setting.name() + ": expected " + e.getMessage());
            return setting.parser().apply(setting.defaultText());
        }
    }

    private List<String> who(
            String name, Setting<List<String>> setting, Map<String, String> values, Set<String> words) {
        List<String> who = value(name, setting, values);
        for (String one : who) {
            boolean known = words.contains(one)
                    || (one.startsWith(NamespaceSettings.ROLE) && one.length() > NamespaceSettings.ROLE.length());
            if (!known) {
                in.error(PREFIX + name + "." + setting.name() + ": expected role:NAME or one of "
                        + String.join(", ", words.stream().sorted().toList()) + ", not " + one);
            }
        }
        return who;
    }

    private Optional<String> function(String name, Setting<Optional<String>> setting, Map<String, String> values) {
        Optional<String> function = value(name, setting, values);
        if (function.isPresent() && !FUNCTION.matcher(function.get()).matches()) {
            in.error(PREFIX + name + "." + setting.name() + ": expected the name of an SQL function with its"
                    + " schema, such as shop.may_watch, not " + function.get());
        }
        return function;
    }
}
