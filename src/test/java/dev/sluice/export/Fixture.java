package dev.sluice.export;

import dev.sluice.export.Dataset.Relation;
import dev.sluice.settings.DatasetSettings.Parameter;
import dev.sluice.settings.ExportSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What tests without a database need. */
final class Fixture {
    static final Column ID = column("id", "integer");
    static final Column NAME = column("name", "text");
    static final Column CREATED =
            new Column("created_at", "createdAt", "timestamp with time zone", "timestamp with time zone", 1184);
    static final Column LIMIT = column("limit", "integer");
    static final Column ODD = column("a,\".b(c) ", "text");
    static final List<Column> COLUMNS = List.of(ID, NAME, CREATED, LIMIT, ODD);

    private Fixture() {}

    static Column column(String name, String type) {
        return new Column(name, name, type, type, 0);
    }

    static Description description(Column... key) {
        return new Description("\"t\"", COLUMNS, List.of(), List.of(key), 0);
    }

    @SuppressWarnings("NullAway") // nobody connects
    static Dataset dataset(Parameter... parameters) {
        Relation from = parameters.length == 0
                ? new Relation.Table("t")
                : new Relation.Sql(new SqlTemplate("", List.of()), List.of(parameters));
        return new Dataset("t", from, List.of(), List.of(), List.of(), false, null);
    }

    static ExportSettings limits(int concurrency, int queue, int perCaller) {
        return limits(concurrency, queue, perCaller, ExportSettings.Lane.AUTO, Duration.ZERO);
    }

    static ExportSettings limits(ExportSettings.Lane lane, Duration statementTimeout) {
        return limits(2, 2, 2, lane, statementTimeout);
    }

    private static ExportSettings limits(
            int concurrency, int queue, int perCaller, ExportSettings.Lane lane, Duration statementTimeout) {
        return new ExportSettings(
                concurrency,
                queue,
                Duration.ofSeconds(30),
                perCaller,
                Duration.ofSeconds(30),
                statementTimeout,
                Duration.ofSeconds(60),
                Duration.ofSeconds(120),
                1L << 30,
                1000,
                1 << 26,
                lane,
                100,
                List.of(),
                Optional.empty());
    }
}
