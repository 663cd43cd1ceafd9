package dev.sluice.export;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Seeded random values for every type, as literals its input function takes; edge values come up often. */
final class SampleValues {
    /** Full of what needs care in CSV, JSON or arrays. */
    private static final String[] PIECES = {
        "\"",
        "\"\"",
        "\\",
        "\\.",
        ",",
        ";",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "{",
        "}",
        "NULL",
        "null",
        "Null",
        " ",
        "'",
        "/",
        "\u0001",
        "\b",
        "\f",
        "\u000b",
        "\u001f",
        "\u007f",
        "\u0080",
        "\u00e9",
        "\u2028",
        "\u20ac",
        "\ud83d\ude00",
        "=",
        "-",
        "+",
        "@",
        "a",
        "Z",
        "0",
        "abc",
        "plain text of some length",
        "\u4e2d\u6587"
    };

    private final Random random;

    SampleValues(long seed) {
        this.random = new Random(seed);
    }

    /** A type, or an expression of {@code v}, with its values. */
    record Samples(String name, String expression, List<String> edges, Supplier<String> next) {
        /** All edges, and so many more. */
        List<String> all(int count) {
            return Stream.concat(edges.stream(), Stream.generate(next).limit(count))
                    .toList();
        }

        /** So many edges at most, from everywhere among them, and as many more. */
        List<String> some(int count) {
            int step = edges.size() / count + 1;
            Stream<String> first =
                    IntStream.range(0, edges.size()).filter(i -> i % step == 0).mapToObj(edges::get);
            return Stream.concat(first, Stream.generate(next).limit(count)).toList();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Samples type(String type, List<String> edges, Supplier<String> next) {
        return new Samples(type, "v::" + type, edges, next);
    }

    List<Samples> all() {
        return List.of(
                type("bool", List.of("t", "f"), () -> random.nextBoolean() ? "t" : "f"),
                type("int2", List.of("-32768", "32767", "0"), () -> "" + (short) random.nextInt()),
                type("int4", List.of("-2147483648", "2147483647", "0"), () -> "" + (int) sizedLong(32)),
                type(
                        "int8",
                        List.of("-9223372036854775808", "9223372036854775807", "-9223372036854775807", "0"),
                        () -> "" + sizedLong(64)),
                type("float4", floatEdges(), () -> "" + finiteFloat()),
                type("float8", doubleEdges(), () -> "" + finiteDouble()),
                type("numeric", numericEdges(), this::numeric),
                new Samples("numeric(30,10)", "v::numeric(30,10)", List.of("0", "-0.00000000005"), this::shortNumeric),
                type("oid", List.of("0", "4294967295"), this::unsigned32),
                type("xid", List.of("0", "4294967295"), this::unsigned32),
                type("cid", List.of("0", "4294967295"), this::unsigned32),
                type(
                        "xid8",
                        List.of("0", "18446744073709551615", "9223372036854775808", "9223372036854775807"),
                        () -> Long.toUnsignedString(sizedLong(64))),
                type(
                        "tid",
                        List.of("(4294967295,65535)", "(0,0)"),
                        () -> "(" + unsigned32() + "," + random.nextInt(65536) + ")"),
                type("pg_lsn", List.of("0/0", "FFFFFFFF/FFFFFFFF"), () -> hex32() + "/" + hex32()),
                type("money", List.of("-92233720368547758.08", "92233720368547758.07", "0", "-0.01"), this::money),
                type("text", textEdges(), this::text),
                type("varchar", textEdges(), this::text),
                type("char(20)", textEdges(), this::text),
                type("name", textEdges(), this::text),
                type(
                        "xml",
                        List.of(
                                "",
                                "<a/>",
                                "a &amp; b",
                                "<?xml version=\"1.0\" standalone=\"yes\"?>\n<a/>",
                                "<?xml version=\"1.1\"?><a/>",
                                "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n\n<a>\u00e9</a>"),
                        this::xml),
                type("json", List.of("1", "{ \"a\" :\r\n [ ] }"), this::json),
                type("jsonb", List.of("1", "{ \"a\" :\r\n [ ] }"), this::json),
                type(
                        "bytea",
                        List.of("", "\\x00ff"),
                        () -> "\\x" + HexFormat.of().formatHex(bytes(random.nextInt(40)))),
                type(
                        "uuid",
                        List.of(new UUID(0, 0).toString()),
                        () -> new UUID(random.nextLong(), random.nextLong()).toString()),
                type("date", dateEdges(), this::date),
                type("time", List.of("00:00", "24:00:00", "23:59:59.999999", "00:00:00.1"), this::time),
                type("timetz", List.of("24:00:00+15:59:59", "00:00-15:59:59", "12:00+05:30"), this::timetz),
                type("timestamp", timestampEdges(""), this::timestamp),
                type("timestamptz", timestampEdges("+00"), () -> timestamp() + "+00"),
                type("interval", intervalEdges(), this::interval),
                type("inet", inetEdges(), this::inet),
                new Samples("cidr", "network(v::inet)", List.of("0.0.0.0/0", "::/0"), this::inet),
                type(
                        "macaddr",
                        List.of("00:00:00:00:00:00"),
                        () -> HexFormat.of().formatHex(bytes(6))),
                type(
                        "macaddr8",
                        List.of("ff:ff:ff:ff:ff:ff:ff:ff"),
                        () -> HexFormat.of().formatHex(bytes(8))),
                new Samples("bit(13)", "v::bit(13)", List.of("0000000000000"), () -> bits(13)),
                type("varbit", List.of("", "1", "11111111", "111111110"), () -> bits(random.nextInt(70))),
                type("int2vector", List.of("", "1", "-32768 32767"), () -> vector(() -> "" + (short) random.nextInt())),
                type("oidvector", List.of("", "0 4294967295"), () -> vector(this::unsigned32)));
    }

    String text() {
        return IntStream.range(0, random.nextInt(7))
                .mapToObj(i -> PIECES[random.nextInt(PIECES.length)])
                .collect(Collectors.joining());
    }

    private static List<String> textEdges() {
        List<String> edges = new ArrayList<>(List.of(PIECES));
        edges.add("");
        return edges;
    }

    /** Of all lengths alike. */
    private long sizedLong(int bits) {
        return random.nextLong() >> (64 - bits + random.nextInt(bits));
    }

    private String unsigned32() {
        return Integer.toUnsignedString((int) sizedLong(32));
    }

    private String hex32() {
        return Integer.toHexString((int) sizedLong(32)).toUpperCase(Locale.ROOT);
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private String bits(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> random.nextBoolean() ? "1" : "0")
                .collect(Collectors.joining());
    }

    private String vector(Supplier<String> element) {
        return IntStream.range(0, random.nextInt(5))
                .mapToObj(i -> element.get())
                .collect(Collectors.joining(" "));
    }

    private static List<String> floatEdges() {
        List<String> edges = new ArrayList<>(List.of("NaN", "Infinity", "-Infinity", "-0", "0"));
        for (int e = -149; e <= 127; e++) {
            float power = Math.scalb(1f, e);
            edges.addAll(List.of("" + power, "" + Math.nextUp(power), "" + -Math.nextDown(power)));
        }
        for (int e = -44; e <= 38; e++) {
            float power = Float.parseFloat("1e" + e);
            edges.addAll(List.of("" + power, "" + Math.nextUp(power), "" + Math.nextDown(power)));
        }
        return edges.stream().filter(e -> !e.equals("0.0") && !e.equals("-0.0")).toList();
    }

    private static List<String> doubleEdges() {
        List<String> edges = new ArrayList<>(List.of("NaN", "Infinity", "-Infinity", "-0", "0"));
        for (int e = -1074; e <= 1023; e++) {
            double power = Math.scalb(1d, e);
            edges.addAll(List.of("" + power, "" + Math.nextUp(power), "" + -Math.nextDown(power)));
        }
        for (int e = -322; e <= 308; e++) {
            double power = Double.parseDouble("1e" + e);
            edges.addAll(List.of("" + power, "" + Math.nextUp(power), "" + Math.nextDown(power)));
        }
        return edges.stream().filter(e -> !e.equals("0.0") && !e.equals("-0.0")).toList();
    }

    private float finiteFloat() {
        float value = random.nextInt(3) == 0
                ? random.nextInt(20_000_000) / (float) Math.pow(10, random.nextInt(9))
                : Float.intBitsToFloat(random.nextInt());
        return Float.isFinite(value) ? value : 1.5f;
    }

    private double finiteDouble() {
        double value = random.nextInt(3) == 0
                ? sizedLong(60) / Math.pow(10, random.nextInt(20))
                : Double.longBitsToDouble(random.nextLong());
        return Double.isFinite(value) ? value : 1.5;
    }

    private List<String> numericEdges() {
        return List.of(
                "NaN",
                "Infinity",
                "-Infinity",
                "0",
                "0.000",
                "-0",
                "1e1000",
                "-1e-1000",
                "9999",
                "10000",
                "99999999",
                "0.0001",
                "0.00001",
                "1.00010000",
                "100000000000000000000.0",
                digits(1000),
                "0." + digits(1000),
                digits(777) + "." + digits(333));
    }

    private String digits(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> random.nextInt(3) == 0 ? "0" : "" + random.nextInt(10))
                .collect(Collectors.joining());
    }

    private String numeric() {
        String sign = random.nextBoolean() ? "-" : "";
        String exponent = random.nextInt(4) == 0 ? "e" + (random.nextInt(80) - 40) : "";
        return sign + "0" + digits(random.nextInt(30)) + "." + digits(random.nextInt(30)) + exponent;
    }

    private String shortNumeric() {
        return (random.nextBoolean() ? "-" : "") + (sizedLong(60) >>> 40) + "." + digits(12);
    }

    private String money() {
        long cents = sizedLong(62);
        return (cents < 0 ? "-" : "") + Math.abs(cents / 100) + "."
                + String.format(Locale.ROOT, "%02d", Math.abs(cents % 100));
    }

    private String xml() {
        String text = text().replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f<>&]", "");
        return "<a b='" + random.nextInt() + "'>" + text + "</a>";
    }

    private String json() {
        return json(random.nextInt(4));
    }

    private String json(int depth) {
        int kind = depth == 0 ? random.nextInt(3) : 3 + random.nextInt(2);
        String space = random.nextInt(3) == 0 ? List.of("\n", "\r\n", " ", "\t").get(random.nextInt(4)) : "";
        return switch (kind) {
            case 0 -> jsonString();
            case 1 -> sizedLong(60) + "." + random.nextInt(1000);
            case 2 -> List.of("true", "false", "null").get(random.nextInt(3));
            case 3 -> "[" + space + json(depth - 1) + "," + space + json(depth - 1) + "]";
            default -> "{" + space + jsonString() + ":" + space + json(depth - 1) + space + "}";
        };
    }

    private String jsonString() {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text().toCharArray()) {
            if (c < ' ' || c == '"' || c == '\\' || (random.nextInt(20) == 0 && !Character.isSurrogate(c))) {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }

    private static List<String> dateEdges() {
        return List.of(
                "infinity",
                "-infinity",
                "4714-11-24 BC",
                "5874897-12-31",
                "0001-01-01",
                "0001-12-31 BC",
                "0001-01-01 BC",
                "0005-02-29 BC",
                "2000-02-29",
                "1999-12-31",
                "2000-01-01",
                "9999-12-31",
                "10000-01-01",
                "1900-03-01",
                "1970-01-01");
    }

    private static String date(LocalDate date) {
        int year = date.getYear();
        return String.format(
                Locale.ROOT,
                "%04d-%02d-%02d%s",
                year > 0 ? year : 1 - year,
                date.getMonthValue(),
                date.getDayOfMonth(),
                year > 0 ? "" : " BC");
    }

    private String date() {
        int span = List.of(30_000, 3_000_000, 2_000_000_000).get(random.nextInt(3));
        LocalDate date =
                LocalDate.of(2000, 1, 1).plusDays(random.nextInt(span) - (span > 3_000_000 ? 2_000_000L : span / 2));
        return date.getYear() < -4712 ? "2024-05-06" : date(date);
    }

    private String time() {
        return String.format(
                Locale.ROOT,
                "%02d:%02d:%02d%s",
                random.nextInt(24),
                random.nextInt(60),
                random.nextInt(60),
                fraction());
    }

    private String fraction() {
        int digits = random.nextInt(8) - 1;
        return digits <= 0 ? "" : "." + digits(Math.min(digits, 6));
    }

    private String timetz() {
        String zone = List.of("+00", "-03", "+05:30", "-12:34:56", "+15:59:59", "+00:00:01")
                .get(random.nextInt(6));
        return time() + zone;
    }

    private static List<String> timestampEdges(String zone) {
        return List.of(
                "infinity",
                "-infinity",
                "4714-11-24 00:00:00" + zone + " BC",
                "294276-12-31 23:59:59.999999" + zone,
                "0001-12-31 23:59:59.999999" + zone + " BC",
                "0001-01-01 00:00:00" + zone,
                "1999-12-31 23:59:59.999999" + zone,
                "2000-01-01 00:00:00" + zone,
                "2000-01-01 00:00:00.000001" + zone,
                "1970-01-01 00:00:00.1" + zone);
    }

    private String timestamp() {
        long span =
                List.of(3_000_000_000L, 100_000_000_000L, 9_000_000_000_000L).get(random.nextInt(3));
        LocalDateTime time = LocalDateTime.of(2000, 1, 1, 0, 0)
                .plusSeconds((long) (random.nextDouble() * span) - Math.min(span / 2, 150_000_000_000L));
        String date = date(time.toLocalDate());
        String clock = String.format(
                Locale.ROOT, " %02d:%02d:%02d%s", time.getHour(), time.getMinute(), time.getSecond(), fraction());
        return date.endsWith(" BC") ? date.replace(" BC", "") + clock + " BC" : date + clock;
    }

    private static List<String> intervalEdges() {
        return List.of(
                "0",
                "1 year",
                "-1 year",
                "1 mon",
                "-1 mon +1 day",
                "1 mon -1 day",
                "-1 day +00:00:01",
                "1 day -00:00:00.000001",
                "-1 year -1 mon +1 day -1 hour",
                "178956970 years 7 mons",
                "-178956970 years -8 mons",
                "2147483647 days",
                "2562047788:00:54.775807",
                "-2562047788:00:54.775807",
                "99:59:59",
                "100:00:00",
                "1 year 1 day",
                "12 mons 1 second");
    }

    private String interval() {
        return sized(20) + " months " + sized(20) + " days " + sized(60) + " microseconds";
    }

    private long sized(int bits) {
        return random.nextInt(3) == 0 ? 0 : sizedLong(bits);
    }

    private static List<String> inetEdges() {
        return List.of(
                "0.0.0.0",
                "255.255.255.255/0",
                "10.1.2.3/8",
                "::",
                "::1",
                "::/0",
                "::ffff:1.2.3.4",
                "::1.2.3.4",
                "1::",
                "1:0:0:2::",
                "1:0:0:2:0:0:0:3",
                "0:0:1::1:0:0",
                "fe80::1/64",
                "1:2:3:4:5:6:7:8",
                "0:1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:0",
                "::1:0");
    }

    private String inet() {
        String address = random.nextBoolean()
                ? IntStream.range(0, 4).mapToObj(i -> "" + random.nextInt(256)).collect(Collectors.joining("."))
                : IntStream.range(0, 8)
                        .mapToObj(i -> random.nextInt(3) > 0 ? "0" : Integer.toHexString(random.nextInt(65536)))
                        .collect(Collectors.joining(":"));
        int max = address.contains(":") ? 128 : 32;
        return random.nextInt(3) == 0 ? address : address + "/" + random.nextInt(max + 1);
    }
}
