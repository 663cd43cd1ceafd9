package dev.sluice.export;

import dev.sluice.export.Condition.And;
import dev.sluice.export.Condition.Comparison;
import dev.sluice.export.Condition.Not;
import dev.sluice.export.Condition.Operator;
import dev.sluice.export.Condition.Or;
import dev.sluice.export.Dataset.Relation;
import dev.sluice.export.Query.Nulls;
import dev.sluice.export.Query.Order;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Makes SQL of a query. Identifiers come from the catalogue, values are bound (DESIGN, rule 7). Stateless but for what it
 * was made for.
 */
final class SqlBuilder {
    private final Dataset dataset;
    private final Description description;
    private final Query query;

    SqlBuilder(Dataset dataset, Description description, Query query) {
        this.dataset = dataset;
        this.description = description;
        this.query = query;
    }

    /** The export itself: each column in the form its encoder takes. */
    Statement select(Function<Column, ColumnForm> form) {
        String columns = query.select().stream()
                .map(column ->
                        Encoders.sql(column.sql(), form.apply(column)) + " AS " + Identifiers.quote(column.name()))
                .collect(Collectors.joining(", "));
        Statement.Builder out = new Statement.Builder().sql("SELECT ").sql(columns);
        from(out);
        where(out);
        order(out);
        query.limit().ifPresent(limit -> out.sql(" LIMIT ").value(Long.toString(limit), "pg_catalog.int8"));
        query.offset().ifPresent(offset -> out.sql(" OFFSET ").value(Long.toString(offset), "pg_catalog.int8"));
        return out.build();
    }

    /** Casts every value once and tries every operator, without touching the data. */
    List<Probe> probes() {
        return new Probes(dataset, description, query).all();
    }

    private void from(Statement.Builder out) {
        out.sql(" FROM ").append(relation(dataset, description, query)).sql(" AS d");
    }

    static Statement relation(Dataset dataset, Description description, Query query) {
        if (!(dataset.from() instanceof Relation.Sql sql)) {
            return Statement.of(description.relation());
        }
        List<String> values = sql.template().parameters().stream()
                .map(name -> String.valueOf(query.parameters().get(name)))
                .toList();
        return new Statement(description.relation(), values);
    }

    private void where(Statement.Builder out) {
        String word = " WHERE ";
        for (Condition condition : query.filter()) {
            out.sql(word);
            condition(condition, out);
            word = " AND ";
        }
        if (!query.after().isEmpty()) {
            out.sql(word);
            after(out);
        }
    }

    private void after(Statement.Builder out) {
        List<Column> key = description.key();
        out.sql("(")
                .sql(key.stream().map(Column::sql).collect(Collectors.joining(", ")))
                .sql(") > (");
        for (int i = 0; i < key.size(); i++) {
            out.sql(i == 0 ? "" : ", ").value(query.after().get(i), key.get(i).castType());
        }
        out.sql(")");
    }

    private static void condition(Condition condition, Statement.Builder out) {
        if (condition instanceof Comparison comparison) {
            comparison(comparison, Statement.of(comparison.column().sql()), out);
        } else if (condition instanceof Not not) {
            out.sql("NOT (");
            condition(not.condition(), out);
            out.sql(")");
        } else if (condition instanceof And and) {
            group(and.conditions(), " AND ", out);
        } else if (condition instanceof Or or) {
            group(or.conditions(), " OR ", out);
        }
    }

    private static void group(List<Condition> conditions, String word, Statement.Builder out) {
        out.sql("(");
        for (int i = 0; i < conditions.size(); i++) {
            out.sql(i == 0 ? "" : word);
            condition(conditions.get(i), out);
        }
        out.sql(")");
    }

    /**
     * @param left what is compared: the column, or in a probe something of its type
     */
    static void comparison(Comparison comparison, Statement left, Statement.Builder out) {
        Operator operator = comparison.operator();
        String type = comparison.column().castType();
        out.append(left).sql(" ").sql(operator.sql());
        switch (operator) {
            case IS_NULL, IS_TRUE, IS_FALSE, IS_UNKNOWN -> {}
            case IN ->
                out.sql(" (")
                        .value(arrayLiteral(comparison.values()), type + "[]")
                        .sql(")");
            case LIKE, ILIKE -> out.sql(" ").value(comparison.values().get(0), "pg_catalog.text");
            default -> out.sql(" ").value(comparison.values().get(0), type);
        }
    }

    private void order(Statement.Builder out) {
        List<Order> order = query.order().isEmpty()
                ? description.key().stream()
                        .map(column -> new Order(column, false, Nulls.DEFAULT))
                        .toList()
                : query.order();
        String word = " ORDER BY ";
        for (Order by : order) {
            out.sql(word)
                    .sql(by.column().sql())
                    .sql(by.descending() ? " DESC" : "")
                    .sql(by.nulls().sql());
            word = ", ";
        }
    }

    /** PostgreSQL's text form of an array (manual, 8.15.2), every element quoted. */
    static String arrayLiteral(List<String> values) {
        return values.stream()
                .map(value -> '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "{", "}"));
    }
}
