package dev.sluice.export;

import dev.sluice.export.SampleValues.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Seeded random tables whose columns have types made of each other: arrays of every shape, composites and domains of all
 * that {@link SampleValues} and {@link ServedValues} have, and of one another. Used by one thread.
 */
final class RandomTypes {
    private static final int COLUMNS = 8;
    private static final int DEPTH = 3;

    private final Random random;
    private final List<Kind> leaves;
    private final List<String> statements = new ArrayList<>();

    /** A type by its name in SQL, and its next value as a literal. */
    private record Kind(String type, boolean isArray, Supplier<String> next) {}

    /** @param without extensions that the server does not have */
    RandomTypes(long seed, List<String> without) {
        this.random = new Random(seed);
        this.leaves = Stream.concat(new SampleValues(seed).all().stream(), new ServedValues(seed).all().stream())
                .filter(samples -> samples.expression().equals("v::" + samples.name()))
                .filter(samples -> !without.contains(samples.name().replace("kinds.", "")))
                .map(this::leaf)
                .toList();
    }

    /** What makes a table, its types and so many rows. */
    List<String> table(String name, int rows) {
        statements.clear();
        List<Kind> columns =
                Stream.generate(() -> kind(name, DEPTH)).limit(COLUMNS).toList();
        statements.add(IntStream.range(0, COLUMNS)
                .mapToObj(i -> "c" + i + " " + columns.get(i).type())
                .collect(Collectors.joining(", ", "CREATE TABLE " + name + " (id int PRIMARY KEY, ", ")")));
        for (int id = 0; id < rows; id++) {
            statements.add(columns.stream()
                    .map(column -> random.nextInt(8) == 0
                            ? "NULL"
                            : ServedValues.quoted(column.next().get()))
                    .collect(Collectors.joining(", ", "INSERT INTO " + name + " VALUES (" + id + ", ", ")")));
        }
        return List.copyOf(statements);
    }

    private Kind leaf(Samples samples) {
        List<String> edges = samples.edges();
        boolean isFixed = samples.name().startsWith("char(");
        return new Kind(samples.name(), samples.name().equals("kinds.numbers"), () -> {
            String value = random.nextInt(4) == 0
                    ? edges.get(random.nextInt(edges.size()))
                    : samples.next().get();
            return isFixed ? ServedValues.cut(value, 20) : value;
        });
    }

    private Kind kind(String name, int depth) {
        Kind leaf = leaves.get(random.nextInt(leaves.size()));
        return switch (depth == 0 ? 0 : random.nextInt(7)) {
            case 1, 2, 3 -> array(name, kind(name, depth - 1));
            case 4, 5 -> composite(name, depth - 1);
            case 6 -> domain(name, kind(name, depth - 1));
            default -> leaf;
        };
    }

    private Kind domain(String name, Kind of) {
        String type = name + "_d" + statements.size();
        statements.add("CREATE DOMAIN " + type + " AS " + of.type());
        return new Kind(type, false, of.next());
    }

    private Kind composite(String name, int depth) {
        List<Kind> fields = Stream.generate(() -> kind(name, depth))
                .limit(random.nextInt(5))
                .toList();
        String type = name + "_c" + statements.size();
        statements.add(IntStream.range(0, fields.size())
                .mapToObj(i -> "\"f," + i + " \"\"{\" " + fields.get(i).type())
                .collect(Collectors.joining(", ", "CREATE TYPE " + type + " AS (", ")")));
        return new Kind(
                type,
                false,
                () -> composite(fields.stream()
                        .map(field -> random.nextInt(5) == 0
                                ? ""
                                : doubled(field.next().get()))));
    }

    /** There is no array of arrays, but one of domains that are arrays. */
    private Kind array(String name, Kind of) {
        Kind element = of.isArray() ? domain(name, of) : of;
        return new Kind(element.type() + "[]", true, () -> array(element));
    }

    private String array(Kind element) {
        int dimensions = Math.max(0, random.nextInt(6) - 2);
        int[] sizes = IntStream.range(0, dimensions)
                .map(i -> 1 + random.nextInt(dimensions == 1 ? 5 : 2))
                .toArray();
        if (dimensions == 0) {
            return "{}";
        }
        String bounds = random.nextInt(3) > 0
                ? ""
                : IntStream.of(sizes)
                        .mapToObj(size -> {
                            int lower = random.nextInt(9) - 4;
                            return "[" + lower + ":" + (lower + size - 1) + "]";
                        })
                        .collect(Collectors.joining("", "", "="));
        return bounds + elements(element, sizes, 0);
    }

    private String elements(Kind element, int[] sizes, int dimension) {
        return IntStream.range(0, sizes[dimension])
                .mapToObj(i -> dimension + 1 < sizes.length
                        ? elements(element, sizes, dimension + 1)
                        : random.nextInt(5) == 0
                                ? "NULL"
                                : escaped(element.next().get()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** A composite's literal: nothing stands for null. */
    static String composite(Stream<String> fields) {
        return fields.collect(Collectors.joining(",", "(", ")"));
    }

    /** As a field of a composite, or a bound of a range, may stand. */
    static String doubled(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\"\"") + '"';
    }

    /** As an element of an array, or a word of an hstore, may stand. */
    static String escaped(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
