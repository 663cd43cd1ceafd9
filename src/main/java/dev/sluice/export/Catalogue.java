package dev.sluice.export;

import dev.sluice.auth.Caller;
import dev.sluice.export.Dataset.Relation;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What can be exported, and by whom: the declared datasets, and for admins the tables of the chosen schemas. Descriptions
 * are remembered for a few seconds, as long as their types stay. Thread-safe; one for each node.
 */
final class Catalogue {
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final int MOST_REMEMBERED = 1000;
    private static final int LONGEST_NAME = 63;
    private static final String TABLES = """
            SELECT n.nspname || '.' || c.relname
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY (?::text[]) AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
            AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AND n.nspname || '.' || c.relname > ?::text COLLATE "C"
            ORDER BY (n.nspname || '.' || c.relname) COLLATE "C" LIMIT ?::int4""";

    private final Map<String, Dataset> declared;
    private final List<String> schemas;
    private final ExportDatabase database;
    private final InstantSource clock;
    private final Map<String, Remembered> descriptions = new ConcurrentHashMap<>();

    private record Remembered(Description description, Instant until) {}

    /**
     * @param schemas whose tables are datasets for admins
     * @param database where these schemas are
     */
    Catalogue(List<Dataset> datasets, List<String> schemas, ExportDatabase database, InstantSource clock) {
        Map<String, Dataset> byName = new LinkedHashMap<>();
        datasets.forEach(dataset -> byName.put(dataset.name(), dataset));
        this.declared = byName;
        this.schemas = schemas;
        this.database = database;
        this.clock = clock;
    }

    /**
     * The dataset of this name that the caller may read; empty when there is none.
     *
     * @throws ProblemException when there is one that he may not
     */
    Optional<Dataset> find(String name, Caller caller) {
        Dataset dataset = declared.get(name);
        if (dataset == null) {
            return caller.hasRole(Caller.ADMIN) ? table(name) : Optional.empty();
        }
        if (dataset.isReadableBy(caller)) {
            return Optional.of(dataset);
        }
        throw caller.signedIn()
                ? new ProblemException(ErrorCode.FORBIDDEN, "You may not read the dataset \"" + name + "\".")
                : new ProblemException(ErrorCode.UNAUTHORIZED, "Sign in to read the dataset \"" + name + "\".");
    }

    boolean isDeclared(String name) {
        return declared.containsKey(name);
    }

    /** What the database knows of a dataset; empty when it has no such table. */
    Optional<Description> describe(Connection connection, Dataset dataset) throws SQLException {
        Remembered remembered = descriptions.get(dataset.name());
        if (remembered != null
                && clock.instant().isBefore(remembered.until())
                && Describer.isStillRight(connection, dataset, remembered.description())) {
            return Optional.of(remembered.description());
        }
        Optional<Description> description = Describer.describe(connection, dataset);
        description.ifPresent(known -> remember(dataset, known));
        return description;
    }

    /** Forgets what was remembered of a dataset: it turned out to be otherwise. */
    void forget(Dataset dataset) {
        descriptions.remove(dataset.name());
    }

    private void remember(Dataset dataset, Description description) {
        if (descriptions.size() >= MOST_REMEMBERED) {
            descriptions.clear();
        }
        descriptions.put(
                dataset.name(), new Remembered(description, clock.instant().plus(REMEMBERED)));
    }

    /**
     * The names of the datasets a caller may read, in the order of their names.
     *
     * @param session asks for the tables of the schemas, where the caller may see them
     * @param after the last name of the page before
     */
    List<Dataset> list(CatalogueSession session, Caller caller, String after, int limit) throws SQLException {
        Map<String, Dataset> found = new TreeMap<>();
        declared.values().stream()
                .filter(dataset -> dataset.isReadableBy(caller))
                .filter(dataset -> dataset.name().compareTo(after) > 0)
                .forEach(dataset -> found.put(dataset.name(), dataset));
        if (caller.hasRole(Caller.ADMIN) && !schemas.isEmpty()) {
            for (String name : tables(session.begin(database), after, limit)) {
                table(name).ifPresent(table -> found.putIfAbsent(name, table));
            }
        }
        return found.values().stream().limit(limit).toList();
    }

    private List<String> tables(Connection connection, String after, int limit) throws SQLException {
        Statement statement = Statement.of(TABLES, SqlBuilder.arrayLiteral(schemas), after, Integer.toString(limit));
        List<String> names = new ArrayList<>();
        try (PreparedStatement prepared = statement.prepare(connection);
                ResultSet rows = prepared.executeQuery()) {
            while (rows.next()) {
                names.add(new String(rows.getBytes(1), java.nio.charset.StandardCharsets.UTF_8));
            }
        }
        return names;
    }

    /** A table of a chosen schema, whether or not it exists. */
    private Optional<Dataset> table(String name) {
        return schemas.stream()
                .filter(schema -> name.startsWith(schema + "."))
                .filter(schema -> isWholeName(name.substring(schema.length() + 1)))
                .findFirst()
                .map(schema -> Identifiers.quote(schema) + "." + Identifiers.quote(name.substring(schema.length() + 1)))
                .map(table ->
                        new Dataset(name, new Relation.Table(table), List.of(), List.of(), List.of(), false, database));
    }

    /** PostgreSQL would cut a longer one, and find a table of another name. */
    private static boolean isWholeName(String table) {
        return table.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= LONGEST_NAME;
    }
}
