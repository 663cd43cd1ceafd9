package dev.sluice.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the text of settings into values; each complaint says what is expected. Stateless. */
final class Values {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([KMGkmg]?)[Bb]?");
    private static final Pattern RATE = Pattern.compile("(\\d{1,9})/([smh])");
    private static final Pattern ORIGIN =
            Pattern.compile("[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\\[[0-9a-f:.]+])(:\\d{1,5})?");
    private static final Pattern DEFAULT_PORT = Pattern.compile("http://.*:80|https://.*:443");

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private Values() {}

    static Setting<String> text(String name, String form, String defaultText, String purpose) {
        return Setting.of(name, form, defaultText, Function.identity(), purpose);
    }

    static Setting<Optional<String>> optional(String name, String form, String purpose) {
        return Setting.of(name, form, "", text -> Optional.of(text).filter(t -> !t.isEmpty()), purpose);
    }

    static Setting<Integer> integer(String name, int defaultValue, int least, int most, String purpose) {
        String range = "a whole number from " + least + " to " + most;
        return Setting.of(
                name,
                least + ".." + most,
                Integer.toString(defaultValue),
                text -> {
                    int value = parseInt(text, range);
                    require(value >= least && value <= most, range);
                    return value;
                },
                purpose);
    }

    static Setting<Boolean> flag(String name, boolean defaultValue, String purpose) {
        return Setting.of(name, "true|false", Boolean.toString(defaultValue), Values::parseFlag, purpose);
    }

    static Setting<Duration> duration(String name, String defaultText, String purpose) {
        return Setting.of(name, "500ms|30s|2m|1h|7d", defaultText, Values::parseDuration, purpose);
    }

    static Setting<Long> size(String name, String defaultText, String purpose) {
        return Setting.of(name, "bytes, K, M or G", defaultText, Values::parseSize, purpose);
    }

    static Setting<Rate> rate(String name, String defaultText, String purpose) {
        return Setting.of(name, "20/s|10/m|0", defaultText, Values::parseRate, purpose);
    }

    static Setting<List<String>> list(String name, String form, String defaultText, String purpose) {
        return Setting.of(name, form, defaultText, Values::parseList, purpose);
    }

    /** As browsers write origins (RFC 6454, section 6.2): any other spelling would never match. */
    static Setting<List<String>> origins(String name, String form, String purpose) {
        return Setting.of(name, form, "", Values::parseOrigins, purpose);
    }

    /** IP addresses, each in the form in which the container tells them. */
    static Setting<List<String>> addresses(String name, String purpose) {
        return Setting.of(name, "address,…", "", Values::parseAddresses, purpose);
    }

    static Setting<Path> path(String name, String defaultText, String purpose) {
        return Setting.of(name, "folder", defaultText, Values::parsePath, purpose);
    }

    static Setting<Optional<String>> jdbcUrl(String name, String purpose) {
        return Setting.of(
                name,
                "jdbc:postgresql://host/database",
                "",
                text -> {
                    require(
                            text.isEmpty() || text.startsWith("jdbc:postgresql:"),
                            "an address that begins with jdbc:postgresql:");
                    return Optional.of(text).filter(t -> !t.isEmpty());
                },
                purpose);
    }

    static <E extends Enum<E>> Setting<E> choice(String name, Class<E> type, E defaultValue, String purpose) {
        String form = String.join(
                "|", Arrays.stream(type.getEnumConstants()).map(Values::word).toList());
        return Setting.of(
                name,
                form,
                word(defaultValue),
                text -> Arrays.stream(type.getEnumConstants())
                        .filter(constant -> word(constant).equals(text.toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("one of " + form)),
                purpose);
    }

    static List<String> parseList(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static List<String> parseOrigins(String text) {
        List<String> origins = parseList(text);
        for (String origin : origins) {
            require(
                    ORIGIN.matcher(origin).matches()
                            && !DEFAULT_PORT.matcher(origin).matches(),
                    "origins as browsers send them, https://app.example or http://localhost:3000: with the scheme, in"
                            + " small letters, without a default port, a path or a slash at the end, each in full; not "
                            + origin);
        }
        return origins;
    }

    private static List<String> parseAddresses(String text) {
        return parseList(text).stream().map(Values::parseAddress).toList();
    }

    private static String parseAddress(String text) {
        String expected = "IP addresses, each in full, no names and no networks; not " + text;
        // What looks like an address is not looked up as a name.
        require(IPV4.matcher(text).matches() || IPV6.matcher(text).matches(), expected);
        try {
            return InetAddress.getByName(text).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(expected, e);
        }
    }

    static boolean parseFlag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes", "1", "" -> true;
            case "false", "off", "no", "0" -> false;
            default -> throw new IllegalArgumentException("true or false");
        };
    }

    private static Duration parseDuration(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        Matcher matcher = DURATION.matcher(text);
        require(matcher.matches(), "a time such as 500ms, 30s, 2m, 1h, 7d or 0");
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    private static long parseSize(String text) {
        Matcher matcher = SIZE.matcher(text);
        require(matcher.matches(), "a size such as 65536, 64K, 10M or 2G");
        int shift = switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
            case "K" -> 10;
            case "M" -> 20;
            case "G" -> 30;
            default -> 0;
        };
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
    }

    private static Rate parseRate(String text) {
        if (text.equals("0")) {
            return Rate.UNLIMITED;
        }
        Matcher matcher = RATE.matcher(text);
        require(matcher.matches(), "a rate such as 20/s, 10/m, 100/h, or 0 for none");
        Duration period = switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            default -> Duration.ofHours(1);
        };
        return new Rate(Integer.parseInt(matcher.group(1)), period);
    }

    private static Path parsePath(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("the path of a folder or file", e);
        }
    }

    private static int parseInt(String text, String expected) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(expected, e);
        }
    }

    private static void require(boolean condition, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(expected);
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
