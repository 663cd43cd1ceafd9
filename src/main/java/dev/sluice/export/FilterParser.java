package dev.sluice.export;

import dev.sluice.export.Condition.Comparison;
import dev.sluice.export.Condition.Operator;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads filters: {@code age=gte.18}, {@code or=(a.eq.1,and(b.is.null,not.c.like.x*))}. Used by one thread, once. */
final class FilterParser {
    private static final int MAX_DEPTH = 10;

    private final Description description;
    private final int maxConditions;
    private int conditions;

    FilterParser(Description description, int maxConditions) {
        this.description = description;
        this.maxConditions = maxConditions;
    }

    static Column known(Description description, String name) {
        return description
                .column(name)
                .orElseThrow(() -> new ProblemException(
                        ErrorCode.UNKNOWN_COLUMN,
                        "There is no column \"" + Scanner.shortened(name) + "\"; the columns are "
                                + String.join(
                                        ", ",
                                        description.columns().stream()
                                                .map(Column::name)
                                                .limit(100)
                                                .toList())
                                + "."));
    }

    /** A filter of its own: the parameter's name is the column. */
    Condition column(String name, String value) {
        Scanner names = new Scanner(name);
        Column column = known(description, names.name(""));
        names.requireEnd(name);
        Scanner in = new Scanner(value);
        return comparison(column, in, true);
    }

    /** A parameter {@code or=(…)}, {@code and=(…)}, {@code not.or=(…)}. */
    Condition logic(String name, String value) {
        Scanner in = new Scanner(value);
        Condition condition = group(name.endsWith("or"), in, 1);
        in.requireEnd(name);
        return name.startsWith("not.") ? new Condition.Not(condition) : condition;
    }

    private Condition group(boolean isOr, Scanner in, int depth) {
        if (depth > MAX_DEPTH) {
            throw new ProblemException(
                    ErrorCode.INVALID_VALUE, "Conditions may be nested " + MAX_DEPTH + " deep at most.");
        }
        List<Condition> members = new ArrayList<>();
        in.require('(');
        do {
            in.skipSpaces();
            members.add(member(in, depth));
            in.skipSpaces();
        } while (in.skip(','));
        in.require(')');
        return isOr ? new Condition.Or(members) : new Condition.And(members);
    }

    private Condition member(Scanner in, int depth) {
        boolean not = in.skip("not.");
        Condition condition;
        if (in.skip("or(")) {
            condition = group(true, in.back(1), depth + 1);
        } else if (in.skip("and(")) {
            condition = group(false, in.back(1), depth + 1);
        } else {
            Column column = known(description, in.name(".,)"));
            in.require('.');
            condition = comparison(column, in, false);
        }
        return not ? new Condition.Not(condition) : condition;
    }

    /** @param alone whether the value is all that is left, or ends at a comma or parenthesis */
    private Condition comparison(Column column, Scanner in, boolean alone) {
        if (++conditions > maxConditions) {
            throw new ProblemException(
                    ErrorCode.INVALID_VALUE, "A query may have " + maxConditions + " conditions at most.");
        }
        boolean not = in.skip("not.");
        String operator = in.until(".,)");
        if (!in.skip('.')) {
            throw unknownOperator(column, operator);
        }
        Condition condition = switch (operator.toLowerCase(Locale.ROOT)) {
            case "is" -> is(column, word(in, alone));
            case "in" -> in(column, in, alone);
            default -> single(column, operator, alone ? in.rest() : in.member());
        };
        return not ? new Condition.Not(condition) : condition;
    }

    private static String word(Scanner in, boolean alone) {
        return alone ? in.rest() : in.until(",)");
    }

    private static Condition is(Column column, String word) {
        String written = column.name() + " is." + Scanner.shortened(word);
        Operator operator = switch (word.toLowerCase(Locale.ROOT)) {
            case "null", "not_null" -> Operator.IS_NULL;
            case "true" -> Operator.IS_TRUE;
            case "false" -> Operator.IS_FALSE;
            case "unknown" -> Operator.IS_UNKNOWN;
            default ->
                throw new ProblemException(
                        ErrorCode.INVALID_VALUE,
                        "\"" + column.name() + "\": is takes null, not_null, true, false or unknown, not \""
                                + Scanner.shortened(word) + "\".");
        };
        Comparison comparison = new Comparison(column, operator, List.of(), written);
        return word.equalsIgnoreCase("not_null") ? new Condition.Not(comparison) : comparison;
    }

    private static Condition in(Column column, Scanner in, boolean alone) {
        List<String> values = new ArrayList<>();
        in.require('(');
        if (!in.skip(')')) {
            do {
                values.add(in.value());
            } while (in.skip(','));
            in.require(')');
        }
        if (alone) {
            in.requireEnd(column.name());
        }
        return new Comparison(
                column,
                Operator.IN,
                List.copyOf(values),
                column.name() + " in." + Scanner.shortened(values.toString()));
    }

    private static Condition single(Column column, String operator, String value) {
        Operator known = switch (operator.toLowerCase(Locale.ROOT)) {
            case "eq" -> Operator.EQ;
            case "neq" -> Operator.NEQ;
            case "gt" -> Operator.GT;
            case "gte" -> Operator.GTE;
            case "lt" -> Operator.LT;
            case "lte" -> Operator.LTE;
            case "like" -> Operator.LIKE;
            case "ilike" -> Operator.ILIKE;
            default -> throw unknownOperator(column, operator);
        };
        String pattern = known == Operator.LIKE || known == Operator.ILIKE ? pattern(column, value) : value;
        return new Comparison(
                column, known, List.of(pattern), column.name() + " " + operator + "." + Scanner.shortened(value));
    }

    /** PostgreSQL finds a backslash at the end of a pattern only once a row gets that far. */
    private static String pattern(Column column, String value) {
        int end = value.length();
        while (end > 0 && value.charAt(end - 1) == '\\') {
            end--;
        }
        if ((value.length() - end) % 2 == 1) {
            throw new ProblemException(
                    ErrorCode.INVALID_VALUE,
                    "\"" + column.name() + "\": a pattern must not end with a single backslash.");
        }
        return value.replace('*', '%');
    }

    private static ProblemException unknownOperator(Column column, String operator) {
        return new ProblemException(
                ErrorCode.UNKNOWN_OPERATOR,
                "\"" + column.name() + "\": \"" + Scanner.shortened(operator)
                        + "\" is not an operator; write column=op.value with eq, neq, gt, gte, lt, lte, like, ilike, in,"
                        + " is, each also after not.");
    }
}
