package dev.sluice.export;

import dev.sluice.export.SampleValues.Samples;
import dev.sluice.support.TestDatabase;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Seeded random values, as {@link SampleValues} has them, of types that the server prints for us: its own, those of
 * extensions, and users' own, which {@link #create} makes. Used by one thread.
 */
final class ServedValues {
    private static final List<String> MOODS =
            List.of("so so", "very \"good\"", "", "NULL", "it's, {odd}", "\u00e9\\\t");
    private static final List<String> TABLES =
            List.of("pg_class", "information_schema.tables", "kinds.plain", "kinds.\"odd \"\"table\"\", {x} \\\"");
    private static final List<String> EXTENSIONS = List.of("hstore", "citext");

    private final Random random;
    private final SampleValues samples;

    ServedValues(long seed) {
        this.random = new Random(seed);
        this.samples = new SampleValues(seed);
    }

    /** Makes the types, and gives the extensions that this server does not have. */
    static List<String> create(TestDatabase database) {
        database.execute(
                "CREATE SCHEMA kinds",
                "CREATE TYPE kinds.mood AS ENUM ("
                        + MOODS.stream().map(ServedValues::quoted).collect(Collectors.joining(", ")) + ")",
                "CREATE DOMAIN kinds.feeling AS kinds.mood",
                "CREATE DOMAIN kinds.short AS varchar(90)",
                "CREATE DOMAIN kinds.shorter AS kinds.short CHECK (length(value) < 80)",
                "CREATE DOMAIN kinds.numbers AS int[]",
                "CREATE TYPE kinds.pair AS (a int, \"b c\" text, d timestamptz, e bool, f char(5), m kinds.feeling, j json)",
                "CREATE TYPE kinds.textrange AS RANGE (subtype = text, collation = \"C\")",
                "CREATE TYPE kinds.floatrange AS RANGE (subtype = float8, subtype_diff = float8mi)",
                "CREATE TYPE kinds.inetrange AS RANGE (subtype = inet)",
                "CREATE TABLE kinds.plain ()",
                "CREATE TABLE " + TABLES.get(3) + " ()");
        List<String> missing = new ArrayList<>(EXTENSIONS);
        missing.removeAll(available(database));
        EXTENSIONS.stream()
                .filter(extension -> !missing.contains(extension))
                .forEach(extension -> database.execute("CREATE EXTENSION " + extension + " SCHEMA kinds"));
        return missing;
    }

    private static List<String> available(TestDatabase database) {
        try (Connection connection = database.connect();
                java.sql.Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name FROM pg_available_extensions")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    List<Samples> all() {
        return Stream.of(serversOwn(), usersOwn(), ranges())
                .flatMap(List::stream)
                .toList();
    }

    private List<Samples> serversOwn() {
        return List.of(
                // Before PostgreSQL 16 an octal number is its backslash.
                of("\"char\"", List.of("", "\\303", "\\"), () -> "" + (char) (1 + random.nextInt(127))),
                of("tsvector", List.of(""), this::words),
                of("tsquery", List.of(""), this::question),
                of("regclass", TABLES, () -> one(TABLES)),
                new Samples(
                        "regclass of any number", "v::oid::regclass", List.of("0", "1259", "4294967295"), this::number),
                new Samples("regtype of any number", "v::oid::regtype", List.of("0", "4294967295"), this::number),
                new Samples("regproc of any number", "v::oid::regproc", List.of("0", "4294967295"), this::number),
                of("regoperator", List.of("0"), () -> one(List.of("+(int4,int4)", "||(text,text)", "!~~(name,text)"))),
                of("aclitem", List.of("=/pg_monitor"), this::acl),
                of("point", List.of("(NaN,-Infinity)", "(0,-0)"), () -> "(" + fraction() + "," + fraction() + ")"));
    }

    private List<Samples> usersOwn() {
        return List.of(
                of("kinds.mood", MOODS, () -> one(MOODS)),
                of("kinds.feeling", MOODS, () -> one(MOODS)),
                of("kinds.short", List.of(""), samples::text),
                of("kinds.shorter", List.of(""), () -> cut(samples.text(), 70)),
                of("kinds.numbers", List.of("{}", "[-1:0]={NULL,7}"), () -> "{" + random.nextInt() + ",NULL}"),
                of("kinds.pair", List.of("(,,,,,,)", "(0,\"\",infinity,f,\"\",\"\",null)"), this::pair),
                of("kinds.hstore", List.of("", "\"\"=>\"\"", "null=>null"), this::pairs),
                of("kinds.citext", List.of("", "NULL"), samples::text));
    }

    private List<Samples> ranges() {
        List<Samples> types = new ArrayList<>();
        addRange(types, "int4", () -> random.nextInt() / 2, String::valueOf);
        addRange(types, "int8", () -> random.nextLong() / 2, String::valueOf);
        addRange(types, "num", this::decimal, String::valueOf);
        addRange(types, "date", () -> time().toLocalDate(), LocalDate::toString);
        addRange(types, "ts", this::time, DateTimeFormatter.ISO_LOCAL_DATE_TIME::format);
        addRange(types, "tstz", this::time, time -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time) + "Z");
        addRange(types, "kinds.float", this::fraction, String::valueOf);
        addRange(types, "kinds.text", samples::text, text -> text);
        addRange(types, "kinds.inet", () -> random.nextInt(256), first -> first + ".1.2.3/20");
        return types;
    }

    private <T extends Comparable<? super T>> void addRange(
            List<Samples> to, String name, Supplier<T> bound, Function<T, String> text) {
        Supplier<String> range = () -> range(bound, text);
        to.add(of(name + "range", List.of("empty", "(,)"), range));
        to.add(of(
                name + "multirange",
                List.of("{}", "{(,)}"),
                () -> Stream.generate(range).limit(random.nextInt(4)).collect(Collectors.joining(", ", "{", "}"))));
    }

    private <T extends Comparable<? super T>> String range(Supplier<T> bound, Function<T, String> text) {
        T one = bound.get();
        T other = bound.get();
        boolean inOrder = one.compareTo(other) < 0;
        return (random.nextBoolean() ? "[" : "(") + bound(text.apply(inOrder ? one : other)) + ","
                + bound(text.apply(inOrder ? other : one))
                + (random.nextBoolean() ? "]" : ")");
    }

    private String bound(String text) {
        return random.nextInt(6) == 0 ? "" : RandomTypes.doubled(text);
    }

    private static Samples of(String type, List<String> edges, Supplier<String> next) {
        return new Samples(type, "v::" + type, edges, next);
    }

    private String number() {
        return "" + random.nextInt(6000);
    }

    private double fraction() {
        return random.nextInt(2) == 0 ? random.nextInt(2000) / 16.0 - 60 : random.nextGaussian() * 1e20;
    }

    private BigDecimal decimal() {
        return BigDecimal.valueOf(random.nextLong(), random.nextInt(25) - 4);
    }

    private LocalDateTime time() {
        return LocalDateTime.of(1, 1, 2, 0, 0)
                .plusSeconds((long) (random.nextDouble() * 315_000_000_000L))
                .plusNanos(random.nextInt(2) * 1000L * random.nextInt(1_000_000));
    }

    private String words() {
        return IntStream.range(0, random.nextInt(5))
                .mapToObj(i -> lexeme() + (random.nextBoolean() ? ":" + (1 + random.nextInt(999)) + one(ranks()) : ""))
                .collect(Collectors.joining(" "));
    }

    private String question() {
        return IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> (random.nextInt(4) == 0 ? "!" : "") + lexeme())
                .collect(Collectors.joining(one(List.of(" & ", " | ", " <-> ", " <3> "))));
    }

    private static List<String> ranks() {
        return List.of("", "A", "B", "C");
    }

    private String lexeme() {
        return "'w" + samples.text().replace("\\", "\\\\").replace("'", "''") + "'";
    }

    private String acl() {
        String rights = "arwdDxtXUCTc"
                .chars()
                .filter(right -> random.nextInt(3) == 0)
                .mapToObj(right -> (char) right + (random.nextInt(4) == 0 ? "*" : ""))
                .collect(Collectors.joining());
        List<String> roles = List.of("pg_monitor", "pg_read_all_stats", "pg_signal_backend");
        return (random.nextInt(4) == 0 ? "" : one(roles)) + "=" + rights + "/" + one(roles);
    }

    private String pair() {
        return RandomTypes.composite(Stream.of(
                        "" + random.nextInt(),
                        samples.text(),
                        time() + "Z",
                        "" + random.nextBoolean(),
                        cut(samples.text(), 5),
                        one(MOODS),
                        "{\n\"a\": [" + random.nextInt() + " ]\r\n}")
                .map(value -> random.nextInt(5) == 0 ? "" : RandomTypes.doubled(value)));
    }

    private String pairs() {
        return IntStream.range(0, random.nextInt(5))
                .mapToObj(i -> RandomTypes.escaped(samples.text()) + "=>"
                        + (random.nextInt(4) == 0 ? "NULL" : RandomTypes.escaped(samples.text())))
                .collect(Collectors.joining(", "));
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** The first characters; a character is never torn. */
    static String cut(String text, int most) {
        return text.codePoints()
                .limit(most)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    static String quoted(String literal) {
        return "'" + literal.replace("'", "''") + "'";
    }
}
