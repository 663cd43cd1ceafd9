package dev.sluice.export;

import dev.sluice.export.Dataset.Relation;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.DatasetSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Asks the database what a dataset looks like. Its connections are an export's: all answers are read as text that the
 * queries cast themselves. Stateless.
 */
final class Describer {
    /**
     * Domains become their base types; an enum counts as text, for its label is its binary form, unless a cast of its own
     * makes its JSON.
     */
    private static final String TYPES = """
            WITH RECURSIVE base AS (
              SELECT oid AS start, oid, typtype, typbasetype FROM pg_catalog.pg_type WHERE oid = ANY (?::oid[])
              UNION ALL
              SELECT base.start, t.oid, t.typtype, t.typbasetype
              FROM base JOIN pg_catalog.pg_type t ON t.oid = base.typbasetype WHERE base.typtype = 'd')
            SELECT start::int8::text, CASE WHEN typtype = 'e' AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_cast c
                WHERE c.castsource = base.oid AND c.casttarget = 'json'::regtype AND c.castmethod = 'f')
              THEN 'text'::regtype ELSE oid END::int8::text,
              format_type(start, NULL), format_type(oid, -1)
            FROM base WHERE typtype <> 'd'""";

    private static final String RELATION = """
            SELECT n.nspname::text, c.relname::text
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = to_regclass(?) AND c.relkind IN ('r', 'v', 'm', 'p', 'f')""";

    private static final String PRIMARY_KEY = """
            SELECT a.attname::text
            FROM pg_catalog.pg_index i
            CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE i.indrelid = to_regclass(?) AND i.indisprimary AND k.place <= i.indnkeyatts ORDER BY k.place""";

    /** Of a table alone is it known that a column can hold nulls; views do not tell. */
    private static final String NULLABLE = """
            SELECT a.attname::text
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            WHERE c.oid = to_regclass(?) AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
            AND NOT a.attnotnull AND NOT t.typnotnull""";

    private static final Pattern PLANNED =
            Pattern.compile("\\(cost=(\\d+\\.\\d+)\\.\\.(\\d+\\.\\d+) rows=(\\d{1,18}) width=(\\d{1,9})\\)$");

    private record Type(String shown, String cast, int oid) {}

    private Describer() {}

    /**
     * Describes; empty when the table does not exist or may not be seen.
     *
     * @throws ProblemException when the declared key cannot be one
     */
    static Optional<Description> describe(Connection connection, Dataset dataset) throws SQLException {
        Optional<String> relation = relation(connection, dataset);
        if (relation.isEmpty()) {
            return Optional.empty();
        }
        Statement from = withoutValues(relation.get(), dataset);
        List<DatasetSettings.Column> wanted = dataset.columns().isEmpty() ? all(connection, from) : dataset.columns();
        List<String> types = oids(
                connection,
                from,
                wanted.stream().map(DatasetSettings.Column::name).toList());
        List<Column> columns = columns(connection, wanted, types);
        List<Column> key = key(connection, dataset, relation.get(), columns);
        return Optional.of(new Description(
                relation.get(), columns, types, key, estimate(connection, from).rows()));
    }

    /**
     * Whether the columns still have the types of a description. Until the transaction ends they then keep them, for it
     * holds a lock on what it read.
     */
    static boolean isStillRight(Connection connection, Dataset dataset, Description description) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            List<String> names =
                    description.columns().stream().map(Column::name).toList();
            return oids(connection, withoutValues(description.relation(), dataset), names)
                    .equals(description.types());
        } catch (SQLException e) {
            if (!SqlErrors.isOfQuery(e)) {
                throw e;
            }
            connection.rollback(before);
            return false;
        }
    }

    /** The planner's guess at a statement: at its topmost node, which is on the first line. */
    static Estimate estimate(Connection connection, Statement statement) throws SQLException {
        Statement explain = new Statement("EXPLAIN (COSTS ON) " + statement.sql(), statement.values());
        Matcher node = PLANNED.matcher(texts(connection, explain, 1).get(0).get(0));
        return node.find()
                ? new Estimate(
                        Double.parseDouble(node.group(1)),
                        Double.parseDouble(node.group(2)),
                        Long.parseLong(node.group(3)),
                        Integer.parseInt(node.group(4)))
                : Estimate.NONE;
    }

    private static Optional<String> relation(Connection connection, Dataset dataset) throws SQLException {
        if (dataset.from() instanceof Relation.Sql sql) {
            return Optional.of("(" + sql.template().sql() + "\n)");
        }
        String name = ((Relation.Table) dataset.from()).name();
        return texts(connection, Statement.of(RELATION, name), 2).stream()
                .map(row -> Identifiers.quote(row.get(0)) + "." + Identifiers.quote(row.get(1)))
                .findFirst();
    }

    private static Statement withoutValues(String relation, Dataset dataset) {
        if (!(dataset.from() instanceof Relation.Sql sql)) {
            return Statement.of("SELECT * FROM " + relation + " AS d");
        }
        List<String> values = new ArrayList<>();
        sql.template().parameters().forEach(name -> values.add(sampleOf(dataset, name)));
        return new Statement("SELECT * FROM " + relation + " AS d", java.util.Collections.unmodifiableList(values));
    }

    @SuppressWarnings("NullAway") // a null is what is bound
    private static String sampleOf(Dataset dataset, String parameter) {
        return dataset.parameter(parameter)
                .flatMap(DatasetSettings.Parameter::defaultValue)
                .orElse(null);
    }

    private static List<Column> columns(Connection connection, List<DatasetSettings.Column> wanted, List<String> oids)
            throws SQLException {
        Map<String, Type> types = types(connection, oids);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            Type type = java.util.Objects.requireNonNull(types.get(oids.get(i)));
            DatasetSettings.Column column = wanted.get(i);
            columns.add(new Column(column.name(), column.jsonName(), type.shown(), type.cast(), type.oid()));
        }
        return List.copyOf(columns);
    }

    private static List<DatasetSettings.Column> all(Connection connection, Statement from) throws SQLException {
        try (PreparedStatement prepared = from.prepare(connection)) {
            ResultSetMetaData metaData = prepared.getMetaData();
            List<DatasetSettings.Column> columns = new ArrayList<>();
            for (int i = 1; i <= metaData.getColumnCount(); i++) {
                String name = metaData.getColumnLabel(i);
                columns.add(new DatasetSettings.Column(name, name));
            }
            return columns;
        }
    }

    /** The types of the columns: of one row of nulls, so that the data are not touched. */
    private static List<String> oids(Connection connection, Statement from, List<String> columns) throws SQLException {
        if (columns.isEmpty()) {
            return List.of();
        }
        String types = columns.stream()
                .map(column -> "pg_typeof(d." + Identifiers.quote(column) + ")::oid::int8::text")
                .collect(Collectors.joining(", "));
        String relation = from.sql().substring("SELECT * FROM ".length());
        Statement ask = new Statement(
                "SELECT " + types + " FROM (SELECT 1) AS one LEFT JOIN " + relation + " ON false", from.values());
        return texts(connection, ask, columns.size()).get(0);
    }

    private static Map<String, Type> types(Connection connection, List<String> oids) throws SQLException {
        Map<String, Type> types = new HashMap<>();
        for (List<String> row : texts(connection, Statement.of(TYPES, "{" + String.join(",", oids) + "}"), 4)) {
            types.put(row.get(0), new Type(row.get(2), row.get(3), (int) Long.parseLong(row.get(1))));
        }
        return types;
    }

    /** Names of columns, as the table or the query has them; empty when there is no such table. */
    static Optional<List<String>> columnNames(Connection connection, Dataset dataset) throws SQLException {
        Optional<String> relation = relation(connection, dataset);
        if (relation.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(all(connection, withoutValues(relation.get(), dataset)).stream()
                .map(DatasetSettings.Column::name)
                .toList());
    }

    private static List<Column> key(Connection connection, Dataset dataset, String relation, List<Column> columns)
            throws SQLException {
        if (!dataset.key().isEmpty()) {
            return declaredKey(connection, dataset, relation, columns);
        }
        if (!(dataset.from() instanceof Relation.Table)) {
            return List.of();
        }
        List<String> names = names(connection, PRIMARY_KEY, relation);
        List<Column> key = find(columns, names);
        return key.size() == names.size() ? key : List.of();
    }

    /** Rows in no order, or after= over nulls, would lose rows without a word: refused instead. */
    private static List<Column> declaredKey(
            Connection connection, Dataset dataset, String relation, List<Column> columns) throws SQLException {
        List<String> known = columns.stream().map(Column::name).toList();
        for (String name : dataset.key()) {
            if (!known.contains(name)) {
                throw wrongKey(dataset, name, "is not among its columns; correct key= or add it to columns=");
            }
        }
        if (dataset.from() instanceof Relation.Table) {
            List<String> nullable = names(connection, NULLABLE, relation);
            for (String name : dataset.key()) {
                if (nullable.contains(name)) {
                    throw wrongKey(
                            dataset, name, "can be null; declare it NOT NULL in the table, or choose another key");
                }
            }
        }
        return find(columns, dataset.key());
    }

    private static ProblemException wrongKey(Dataset dataset, String column, String problem) {
        return new ProblemException(
                ErrorCode.MISCONFIGURED,
                "The key of the dataset \"" + dataset.name() + "\" is declared wrongly: the column \"" + column + "\" "
                        + problem + ".");
    }

    private static List<Column> find(List<Column> columns, List<String> names) {
        List<Column> found = new ArrayList<>();
        for (String name : names) {
            columns.stream().filter(column -> column.name().equals(name)).forEach(found::add);
        }
        return List.copyOf(found);
    }

    private static List<String> names(Connection connection, String query, String relation) throws SQLException {
        return texts(connection, Statement.of(query, relation), 1).stream()
                .map(row -> row.get(0))
                .toList();
    }

    private static List<List<String>> texts(Connection connection, Statement statement, int columns)
            throws SQLException {
        try (PreparedStatement prepared = statement.prepare(connection);
                ResultSet rows = prepared.executeQuery()) {
            List<List<String>> all = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(new String(rows.getBytes(i), java.nio.charset.StandardCharsets.UTF_8));
                }
                all.add(row);
            }
            return all;
        }
    }
}
