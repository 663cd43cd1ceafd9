package dev.sluice.export;

import dev.sluice.auth.Caller;
import dev.sluice.settings.DatasetSettings;
import java.util.List;
import java.util.Optional;

/**
 * A thing that can be exported, as it is declared. What the database knows of it is its {@link Description}. Immutable.
 *
 * @param name as in the path
 * @param from where the rows come from: a table or a query
 * @param columns the declared columns; empty = all
 * @param key the declared key; empty = a table's primary key
 * @param readers who may read: {@code public}, {@code signed-in}, {@code role:…}; admins always may
 * @param rls whether the caller's row-level security applies
 * @param database which database it lives in
 */
record Dataset(
        String name,
        Relation from,
        List<DatasetSettings.Column> columns,
        List<String> key,
        List<String> readers,
        boolean rls,
        ExportDatabase database) {
    /** Where rows come from. */
    sealed interface Relation {
        /** A table or view; its name as SQL writes it. */
        record Table(String name) implements Relation {}

        /** A query whose parameters stand as {@code :name}. */
        record Sql(SqlTemplate template, List<DatasetSettings.Parameter> parameters) implements Relation {}
    }

    static Dataset of(DatasetSettings settings, ExportDatabase database) {
        Relation from = settings.table()
                .<Relation>map(Relation.Table::new)
                .orElseGet(() -> new Relation.Sql(
                        SqlTemplate.parse(settings.sql().orElseThrow(), settings.parameters()), settings.parameters()));
        return new Dataset(
                settings.name(), from, settings.columns(), settings.key(), settings.read(), settings.rls(), database);
    }

    List<DatasetSettings.Parameter> parameters() {
        return from instanceof Relation.Sql sql ? sql.parameters() : List.of();
    }

    Optional<DatasetSettings.Parameter> parameter(String parameter) {
        return parameters().stream().filter(p -> p.name().equals(parameter)).findFirst();
    }

    boolean isReadableBy(Caller caller) {
        return caller.hasRole(Caller.ADMIN) || readers.stream().anyMatch(reader -> admits(reader, caller));
    }

    private static boolean admits(String reader, Caller caller) {
        return switch (reader) {
            case "public" -> true;
            case "signed-in" -> caller.signedIn();
            default -> caller.hasRole(reader.substring("role:".length()));
        };
    }
}
