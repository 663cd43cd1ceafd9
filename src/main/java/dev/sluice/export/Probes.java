package dev.sluice.export;

import dev.sluice.export.Condition.And;
import dev.sluice.export.Condition.Comparison;
import dev.sluice.export.Condition.Not;
import dev.sluice.export.Condition.Or;
import dev.sluice.export.Query.Order;
import dev.sluice.settings.DatasetSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * The preflight of a query: each comparison with a value in the column's place, each value cast, each order tried. What is
 * wrong with them is so found before the first byte, and without the data. Used once.
 */
final class Probes {
    private final Dataset dataset;
    private final Description description;
    private final Query query;
    private final List<Probe> probes = new ArrayList<>();

    Probes(Dataset dataset, Description description, Query query) {
        this.dataset = dataset;
        this.description = description;
        this.query = query;
    }

    List<Probe> all() {
        query.filter().forEach(this::condition);
        query.order().forEach(this::order);
        for (int i = 0; i < query.after().size(); i++) {
            Column key = description.key().get(i);
            value("after, for " + key.name(), query.after().get(i), key.castType());
        }
        for (DatasetSettings.Parameter parameter : dataset.parameters()) {
            value(parameter.name(), String.valueOf(query.parameters().get(parameter.name())), parameter.type());
        }
        return List.copyOf(probes);
    }

    private void condition(Condition condition) {
        if (condition instanceof Comparison comparison) {
            comparison(comparison);
        } else if (condition instanceof Not not) {
            condition(not.condition());
        } else if (condition instanceof And and) {
            and.conditions().forEach(this::condition);
        } else if (condition instanceof Or or) {
            or.conditions().forEach(this::condition);
        }
    }

    private void comparison(Comparison comparison) {
        Statement.Builder out = new Statement.Builder();
        SqlBuilder.comparison(comparison, left(comparison), out);
        probes.add(new Probe(comparison.written(), out.build()));
    }

    /** The value itself where it can be compared, for some types find only then that their parts have no such operator. */
    private static Statement left(Comparison comparison) {
        Statement.Builder out = new Statement.Builder();
        String type = comparison.column().castType();
        return switch (comparison.operator()) {
            case EQ, NEQ, GT, GTE, LT, LTE ->
                out.value(comparison.values().get(0), type).build();
            case IN ->
                out.sql("(")
                        .value(SqlBuilder.arrayLiteral(comparison.values()), type + "[]")
                        .sql(")[1]")
                        .build();
            case LIKE, ILIKE, IS_NULL, IS_TRUE, IS_FALSE, IS_UNKNOWN ->
                out.sql("NULL::").sql(type).build();
        };
    }

    private void order(Order order) {
        String type = order.column().castType();
        probes.add(new Probe(
                "order by " + order.column().name(),
                Statement.of("(SELECT 1 FROM (SELECT NULL::" + type + " AS o) AS t ORDER BY o)")));
    }

    private void value(String what, String value, String type) {
        String shown = what + " = " + Scanner.shortened(value);
        probes.add(new Probe(
                shown,
                new Statement.Builder().value(value, type).sql(" IS NULL").build()));
    }
}
