package dev.sluice.export;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.export.Query.Nulls;
import dev.sluice.export.Query.Order;
import dev.sluice.export.RequestParameters.Parameter;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.DatasetSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads the parameters of a request, in PostgREST's dialect, against what a dataset has. Every name must be known, every
 * operator too; values stay text, to be bound. Used once.
 */
final class QueryParser {
    private final Dataset dataset;
    private final Description description;
    private final RequestParameters parameters;
    private final FilterParser filters;

    QueryParser(Dataset dataset, Description description, RequestParameters parameters, int maxConditions) {
        this.dataset = dataset;
        this.description = description;
        this.parameters = parameters;
        this.filters = new FilterParser(description, maxConditions);
    }

    Query parse() {
        List<Column> select = select();
        List<Order> order = parameters.single("order").map(this::order).orElse(List.of());
        List<String> after =
                parameters.single("after").map(text -> after(text, select)).orElse(List.of());
        Map<String, String> declared = declaredParameters();
        return new Query(select, filter(), order, after, number("limit"), number("offset"), declared);
    }

    private List<Column> select() {
        String text = parameters.single("select").orElse("*");
        List<Column> select = new ArrayList<>();
        Scanner in = new Scanner(text);
        do {
            if (in.skip('*')) {
                select.addAll(description.columns());
            } else {
                select.add(FilterParser.known(description, in.name(",")));
            }
        } while (in.skip(','));
        in.requireEnd("select");
        requireOnce("select", select);
        return List.copyOf(select);
    }

    private List<Order> order(String text) {
        if (parameters.has("after")) {
            throw new ProblemException(
                    ErrorCode.INVALID_VALUE, "\"after\" continues in key order and excludes \"order\".");
        }
        List<Order> order = new ArrayList<>();
        Scanner in = new Scanner(text);
        do {
            Column column = FilterParser.known(description, in.name(",."));
            order.add(direction(column, in));
        } while (in.skip(','));
        in.requireEnd("order");
        requireOnce("order", order.stream().map(Order::column).toList());
        return List.copyOf(order);
    }

    /** PostgreSQL takes 1,664 expressions in a list at most, and an object one member of a name. */
    private static void requireOnce(String parameter, List<Column> columns) {
        Set<Column> seen = new HashSet<>();
        for (Column column : columns) {
            if (!seen.add(column)) {
                throw new ProblemException(
                        ErrorCode.INVALID_VALUE,
                        "\"" + parameter + "\" names the column \"" + column.name() + "\" more than once.");
            }
        }
    }

    private static Order direction(Column column, Scanner in) {
        boolean descending = false;
        Nulls nulls = Nulls.DEFAULT;
        while (in.skip('.')) {
            String word = in.until(",.");
            switch (word.toLowerCase(Locale.ROOT)) {
                case "asc" -> descending = false;
                case "desc" -> descending = true;
                case "nullsfirst" -> nulls = Nulls.FIRST;
                case "nullslast" -> nulls = Nulls.LAST;
                default ->
                    throw new ProblemException(
                            ErrorCode.INVALID_VALUE,
                            "\"order\" takes column.asc, .desc, .nullsfirst and .nullslast, not \""
                                    + Scanner.shortened(word) + "\".");
            }
        }
        return new Order(column, descending, nulls);
    }

    private List<String> after(String text, List<Column> select) {
        List<Column> key = description.key();
        if (key.isEmpty()) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, "\"after\" needs a dataset with a key.");
        }
        if (!select.containsAll(key)) {
            throw new ProblemException(
                    ErrorCode.INVALID_VALUE, "\"after\" needs the key among the selected columns: " + names(key) + ".");
        }
        if (parameters.has("offset")) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, "\"after\" excludes \"offset\".");
        }
        List<String> values = key.size() == 1 && !text.startsWith("[") ? List.of(text) : array(text, key);
        if (values.size() != key.size()) {
            throw noArrayOf(key);
        }
        return values;
    }

    private static List<String> array(String text, List<Column> key) {
        JsonNode array;
        try {
            array = Json.parse(text);
        } catch (IllegalArgumentException e) {
            throw noArrayOf(key);
        }
        if (!array.isArray()) {
            throw noArrayOf(key);
        }
        List<String> values = new ArrayList<>();
        array.forEach(value -> values.add(text(value)));
        return values;
    }

    private static String text(JsonNode value) {
        String text = value.asText();
        if (!value.isValueNode()
                || value.isNull()
                || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new ProblemException(ErrorCode.INVALID_VALUE, "\"after\" takes texts and numbers, no nulls.");
        }
        return text;
    }

    private static ProblemException noArrayOf(List<Column> key) {
        return new ProblemException(
                ErrorCode.INVALID_VALUE,
                "\"after\" takes a JSON array of " + key.size() + (key.size() == 1 ? " value" : " values") + ", for "
                        + names(key) + ".");
    }

    private List<Condition> filter() {
        List<Condition> conditions = new ArrayList<>();
        parameters
                .all()
                .filter(p -> !isReserved(p.name()) || isLogic(p.name()))
                .filter(p -> dataset.parameter(p.name()).isEmpty())
                .forEach(p -> conditions.add(condition(p)));
        return List.copyOf(conditions);
    }

    private Condition condition(Parameter parameter) {
        return isLogic(parameter.name())
                ? filters.logic(parameter.name(), parameter.value())
                : filters.column(parameter.name(), parameter.value());
    }

    private static boolean isReserved(String name) {
        return DatasetSettings.RESERVED.contains(name);
    }

    private static boolean isLogic(String name) {
        return Set.of("or", "and", "not.or", "not.and").contains(name);
    }

    private Map<String, String> declaredParameters() {
        Map<String, String> values = new LinkedHashMap<>();
        for (DatasetSettings.Parameter declared : dataset.parameters()) {
            Optional<String> value = parameters.single(declared.name()).or(declared::defaultValue);
            values.put(
                    declared.name(),
                    value.orElseThrow(() -> new ProblemException(
                            ErrorCode.INVALID_VALUE,
                            "The parameter \"" + declared.name() + "\" (" + declared.type() + ") is needed.")));
        }
        return values;
    }

    private OptionalLong number(String name) {
        Optional<String> text = parameters.single(name);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            long value = Long.parseLong(text.get());
            if (value >= 0) {
                return OptionalLong.of(value);
            }
        } catch (NumberFormatException e) {
            // told below, as a negative number is
        }
        throw new ProblemException(
                ErrorCode.INVALID_VALUE,
                "\"" + name + "\" takes a whole number from 0, not \"" + Scanner.shortened(text.get()) + "\".");
    }

    private static String names(List<Column> columns) {
        return String.join(", ", columns.stream().map(Column::name).toList());
    }
}
