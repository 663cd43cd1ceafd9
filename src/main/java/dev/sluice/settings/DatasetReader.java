package dev.sluice.settings;

import dev.sluice.settings.DatasetSettings.Column;
import dev.sluice.settings.DatasetSettings.Parameter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the {@code sluice.dataset.…} properties and tells all that is wrong with them. Used by one thread, once. */
final class DatasetReader {
    static final String PREFIX = "sluice.dataset.";
    private static final Set<String> PROPERTIES = Set.of("table", "sql", "columns", "key", "read", "rls", "parameters");
    private static final Pattern COLUMN = Pattern.compile("(.+?)(?:\\s+as\\s+(.+))?");
    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)\\s+([^=]+?)(?:\\s*=\\s*(.*))?");

    /** A comma outside of brackets: types and defaults may hold some. */
    private static final Pattern BETWEEN_PARAMETERS = Pattern.compile(",(?![^({\\[]*[)}\\]])");

    private final SettingsReader in;

    DatasetReader(SettingsReader in) {
        this.in = in;
    }

    List<DatasetSettings> read(Map<String, String> properties) {
        Map<String, Map<String, String>> byName = new TreeMap<>();
        properties.forEach((property, value) -> {
            String rest = property.substring(PREFIX.length());
            int dot = rest.lastIndexOf('.');
            String what = rest.substring(dot + 1);
            if (dot <= 0 || !PROPERTIES.contains(what)) {
                in.error(property + ": expected sluice.dataset.NAME." + String.join("|", PROPERTIES));
            } else {
                byName.computeIfAbsent(rest.substring(0, dot), name -> new LinkedHashMap<>())
                        .put(what, value.strip());
            }
        });
        List<DatasetSettings> datasets = new ArrayList<>();
        byName.forEach((name, values) -> datasets.add(dataset(name, values)));
        return List.copyOf(datasets);
    }

    private DatasetSettings dataset(String name, Map<String, String> values) {
        Optional<String> table = Optional.ofNullable(values.get("table"));
        Optional<String> sql = Optional.ofNullable(values.get("sql"));
        if (table.isPresent() == sql.isPresent()) {
            in.error(PREFIX + name + ": exactly one of table and sql is needed");
        }
        if (table.isPresent() && values.containsKey("parameters")) {
            in.error(PREFIX + name + ".parameters: only a dataset with sql has parameters");
        }
        return new DatasetSettings(
                name,
                table,
                sql,
                columns(name, values.getOrDefault("columns", "")),
                Values.parseList(values.getOrDefault("key", "")),
                readers(name, values.getOrDefault("read", "")),
                flag(name, values.getOrDefault("rls", "false")),
                parameters(name, values.getOrDefault("parameters", "")));
    }

    private List<Column> columns(String name, String text) {
        List<Column> columns =
                Values.parseList(text).stream().map(DatasetReader::column).toList();
        requireOnce(name + ".columns", columns.stream().map(Column::name).toList());
        requireOnce(name + ".columns", columns.stream().map(Column::jsonName).toList());
        return columns;
    }

    /** An object has one member of a name. */
    private void requireOnce(String property, List<String> names) {
        Set<String> seen = new HashSet<>();
        names.stream()
                .filter(name -> !seen.add(name))
                .forEach(name -> in.error(PREFIX + property + ": the name " + name + " stands there twice"));
    }

    private static Column column(String text) {
        Matcher matcher = COLUMN.matcher(text);
        if (!matcher.matches()) {
            return new Column(text, text);
        }
        String column = matcher.group(1);
        return new Column(column, Optional.ofNullable(matcher.group(2)).orElse(column));
    }

    private List<String> readers(String name, String text) {
        List<String> readers = Values.parseList(text);
        for (String reader : readers) {
            boolean known = reader.equals("public")
                    || reader.equals("signed-in")
                    || (reader.startsWith("role:") && reader.length() > "role:".length());
            if (!known) {
                in.error(PREFIX + name + ".read: expected public, signed-in or role:NAME, not " + reader);
            }
        }
        return readers;
    }

    private boolean flag(String name, String text) {
        try {
            return Values.parseFlag(text);
        } catch (IllegalArgumentException e) {
            in.error(PREFIX + name + ".rls: expected " + e.getMessage());
            return false;
        }
    }

    private List<Parameter> parameters(String name, String text) {
        List<Parameter> parameters = new ArrayList<>();
        for (String part : text.isBlank() ? new String[0] : BETWEEN_PARAMETERS.split(text)) {
            Matcher matcher = PARAMETER.matcher(part.strip());
            if (matcher.matches()) {
                parameters.add(
                        new Parameter(matcher.group(1), matcher.group(2), Optional.ofNullable(matcher.group(3))));
            } else {
                in.error(PREFIX + name + ".parameters: expected NAME TYPE or NAME TYPE = DEFAULT, not " + part);
            }
        }
        requireOnce(
                name + ".parameters", parameters.stream().map(Parameter::name).toList());
        parameters.stream()
                .filter(parameter -> DatasetSettings.RESERVED.contains(parameter.name()))
                .forEach(parameter -> in.error(PREFIX + name + ".parameters: " + parameter.name()
                        + " means something else in every request; choose another name"));
        return List.copyOf(parameters);
    }
}
