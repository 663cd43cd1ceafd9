package dev.sluice.export;

import static dev.sluice.export.Fixture.CREATED;
import static dev.sluice.export.Fixture.ID;
import static dev.sluice.export.Fixture.LIMIT;
import static dev.sluice.export.Fixture.NAME;
import static dev.sluice.export.Fixture.ODD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.export.Condition.And;
import dev.sluice.export.Condition.Comparison;
import dev.sluice.export.Condition.Not;
import dev.sluice.export.Condition.Operator;
import dev.sluice.export.Condition.Or;
import dev.sluice.export.Query.Nulls;
import dev.sluice.export.Query.Order;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.DatasetSettings.Parameter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters are written as a person reads them: {@code name=value}, with {@code &} between and not percent-encoded. */
class QueryParserTest {
    @Test
    void without_parameters_all_columns_come_in_key_order() {
        Query query = parse("");

        assertThat(query.select()).isEqualTo(Fixture.COLUMNS);
        assertThat(query.filter()).isEmpty();
        assertThat(query.order()).isEmpty();
        assertThat(query.limit()).isEmpty();
    }

    @Test
    void columns_are_selected_by_name_json_name_or_in_quotes() {
        assertThat(parse("select=name, id").select()).containsExactly(NAME, ID);
        assertThat(parse("select=createdAt,limit").select()).containsExactly(CREATED, LIMIT);
        assertThat(parse("select=\"a,\"\".b(c) \",\"id\"").select()).containsExactly(ODD, ID);
        assertThat(parse("select=*").select()).isEqualTo(Fixture.COLUMNS);
    }

    @Test
    void order_takes_directions_and_places_of_nulls() {
        assertThat(parse("order=id.desc,createdAt.asc.nullsfirst,\"a,\"\".b(c) \".DESC.NULLSLAST,name.nullslast")
                        .order())
                .containsExactly(
                        new Order(ID, true, Nulls.DEFAULT),
                        new Order(CREATED, false, Nulls.FIRST),
                        new Order(ODD, true, Nulls.LAST),
                        new Order(NAME, false, Nulls.LAST));
    }

    @Test
    void limit_and_offset_are_whole_numbers() {
        assertThat(parse("limit=0&offset=9223372036854775807").limit()).hasValue(0);
        assertThat(parse("offset=9223372036854775807").offset()).hasValue(Long.MAX_VALUE);
    }

    @Test
    void a_quoted_name_is_always_a_column() {
        assertThat(parse("\"limit\"=eq.7&limit=3").filter()).containsExactly(compare(LIMIT, Operator.EQ, "7"));
    }

    @Test
    void every_parameter_with_a_columns_name_is_a_filter() {
        assertThat(parse("id=gte.1&id=lt.5&name=neq.&createdAt=gt.2024-01-01").filter())
                .containsExactly(
                        compare(ID, Operator.GTE, "1"),
                        compare(ID, Operator.LT, "5"),
                        compare(NAME, Operator.NEQ, ""),
                        compare(CREATED, Operator.GT, "2024-01-01"));
    }

    @Test
    void values_are_taken_as_they_are() {
        assertThat(parse("name=eq.a.b,c)(\"d\" ").filter())
                .containsExactly(compare(NAME, Operator.EQ, "a.b,c)(\"d\" "));
        assertThat(parse("name=eq.'; drop table t --").filter())
                .containsExactly(compare(NAME, Operator.EQ, "'; drop table t --"));
    }

    @Test
    void patterns_take_a_star_for_a_percent_sign() {
        assertThat(parse("name=like.*a%b_*&name=ilike.x\\*").filter())
                .containsExactly(compare(NAME, Operator.LIKE, "%a%b_%"), compare(NAME, Operator.ILIKE, "x\\%"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"name=like.a\\", "name=not.ilike.\\\\\\", "or=(name.like.\"a\\\\\")"})
    void a_pattern_that_ends_in_a_backslash_is_refused(String query) {
        assertRefused(query, ErrorCode.INVALID_VALUE, "name");
    }

    @Test
    void lists_take_quotes_commas_and_parentheses() {
        assertThat(parse("name=in.(a,\"b,c)\",\"d\\\"e\\\\\",,f g)").filter())
                .containsExactly(compare(NAME, Operator.IN, "a", "b,c)", "d\"e\\", "", "f g"));
        assertThat(parse("id=in.()").filter()).containsExactly(compare(ID, Operator.IN));
        assertThat(parse("id=not.in.(1)").filter()).containsExactly(new Not(compare(ID, Operator.IN, "1")));
    }

    @Test
    void is_takes_words() {
        assertThat(parse("name=is.null&id=is.NOT_NULL&id=not.is.null&id=is.true&id=is.false&id=is.unknown")
                        .filter())
                .containsExactly(
                        compare(NAME, Operator.IS_NULL),
                        new Not(compare(ID, Operator.IS_NULL)),
                        new Not(compare(ID, Operator.IS_NULL)),
                        compare(ID, Operator.IS_TRUE),
                        compare(ID, Operator.IS_FALSE),
                        compare(ID, Operator.IS_UNKNOWN));
    }

    @Test
    void conditions_nest() {
        assertThat(parse("or=(id.eq.1, and(name.not.like.a*,not.or(id.in.(2,3),name.is.null)) )"
                                + "&not.and=(\"a,\"\".b(c) \".eq.\"x,y)\",limit.gt.5)")
                        .filter())
                .containsExactly(
                        new Or(List.of(
                                compare(ID, Operator.EQ, "1"),
                                new And(List.of(
                                        new Not(compare(NAME, Operator.LIKE, "a%")),
                                        new Not(new Or(List.of(
                                                compare(ID, Operator.IN, "2", "3"),
                                                compare(NAME, Operator.IS_NULL)))))))),
                        new Not(new And(List.of(compare(ODD, Operator.EQ, "x,y)"), compare(LIMIT, Operator.GT, "5")))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nope=eq.1|UNKNOWN_COLUMN|nope",
                "Name=eq.1|UNKNOWN_COLUMN|Name",
                "data->>x=eq.1|UNKNOWN_COLUMN|data->>x",
                "select=id,nope|UNKNOWN_COLUMN|nope",
                "select=|UNKNOWN_COLUMN|\"\"",
                "select=id,|UNKNOWN_COLUMN|\"\"",
                "order=nope|UNKNOWN_COLUMN|nope",
                "or=(nope.eq.1)|UNKNOWN_COLUMN|nope",
                "id=is|UNKNOWN_OPERATOR|is",
                "id=1|UNKNOWN_OPERATOR|1",
                "id=|UNKNOWN_OPERATOR|id",
                "id=fts.x|UNKNOWN_OPERATOR|fts",
                "id=not.1|UNKNOWN_OPERATOR|1",
                "id=not.not.eq.1|UNKNOWN_OPERATOR|not",
                "or=(id.eq.1,id)|BAD_REQUEST|malformed",
                "or=id.eq.1|BAD_REQUEST|malformed",
                "or=(id.eq.1|BAD_REQUEST|malformed",
                "or=(id.eq.1)x|BAD_REQUEST|\"or\"",
                "or=()|UNKNOWN_COLUMN|\"\"",
                "id=in.1,2|BAD_REQUEST|malformed",
                "id=in.(1|BAD_REQUEST|malformed",
                "id=in.(1)2|BAD_REQUEST|\"id\"",
                "name=in.(\"a)|BAD_REQUEST|malformed",
                "name=in.(\"a\"b)|BAD_REQUEST|malformed",
                "\"name=eq.1|BAD_REQUEST|malformed",
                "\"name\"x=eq.1|BAD_REQUEST|malformed",
                "select=\"id|BAD_REQUEST|malformed",
                "id=is.maybe|INVALID_VALUE|maybe",
                "order=id.up|INVALID_VALUE|up",
                "order=id,name,id.desc|INVALID_VALUE|\"id\"",
                "select=id,id|INVALID_VALUE|\"id\"",
                "select=*,id|INVALID_VALUE|\"id\"",
                "limit=-1|INVALID_VALUE|limit",
                "limit=1.5|INVALID_VALUE|limit",
                "limit=|INVALID_VALUE|limit",
                "limit=9223372036854775808|INVALID_VALUE|limit",
                "offset=x|INVALID_VALUE|offset",
                "limit=1&limit=2|INVALID_VALUE|limit",
                "select=id&select=name|INVALID_VALUE|select",
                "order=id&order=name|INVALID_VALUE|order",
                "after=1&order=id|INVALID_VALUE|after",
                "after=1&offset=1|INVALID_VALUE|after",
                "after=1&select=name|INVALID_VALUE|after",
                "after=1&after=2|INVALID_VALUE|after",
                "after=[]|INVALID_VALUE|after",
                "after=[1,2]|INVALID_VALUE|after",
                "after=[null]|INVALID_VALUE|after",
                "after=[[1]]|INVALID_VALUE|after",
                "after=[1|INVALID_VALUE|after",
                "after=[1]]|INVALID_VALUE|after",
            })
    void what_is_wrong_is_refused_and_named(String query, ErrorCode code, String named) {
        assertRefused(query, code, named);
    }

    @Test
    void after_takes_a_value_or_an_array() {
        assertThat(parse("after=a,b").after()).containsExactly("a,b");
        assertThat(parse("after=[\"[x\"]").after()).containsExactly("[x");
        assertThat(parse("after=").after()).containsExactly("");
        assertThat(parse(Fixture.description(CREATED, ID), "after=[\"2024-01-01T00:00:00Z\",7]")
                        .after())
                .containsExactly("2024-01-01T00:00:00Z", "7");
    }

    @Test
    void numbers_in_after_are_exact() {
        assertThat(parse("after=[12345678901234567890.12345678901234567890]").after())
                .containsExactly("12345678901234567890.1234567890123456789");
        assertThat(parse("after=[123456789012345678901234567890]").after())
                .containsExactly("123456789012345678901234567890");
        assertThat(parse("after=[-0.1]").after()).containsExactly("-0.1");
    }

    @Test
    void after_needs_a_key_and_several_values_need_an_array() {
        assertThatThrownBy(() -> parse(Fixture.description(), "after=1")).hasMessageContaining("key");
        assertThatThrownBy(() -> parse(Fixture.description(CREATED, ID), "after=1"))
                .hasMessageContaining("array");
        assertThatThrownBy(() -> parse(Fixture.description(CREATED, ID), "after=[1]"))
                .hasMessageContaining("array of 2");
    }

    @Test
    void declared_parameters_have_defaults_or_are_needed() {
        Parameter region = new Parameter("region", "text", Optional.empty());
        Parameter since = new Parameter("since", "date", Optional.of("2020-01-01"));
        Parameter name = new Parameter("name", "text", Optional.of("x"));

        Query query = parse(Fixture.dataset(region, since, name), "region=eq.north&name=y&\"name\"=eq.z");
        assertThat(query.parameters())
                .containsEntry("region", "eq.north")
                .containsEntry("since", "2020-01-01")
                .containsEntry("name", "y");
        assertThat(query.filter()).containsExactly(compare(NAME, Operator.EQ, "z"));

        assertThatThrownBy(() -> parse(Fixture.dataset(region, since), "since=2021-01-01"))
                .hasMessageContaining("\"region\" (text)");
        assertThatThrownBy(() -> parse(Fixture.dataset(region, since), "region=a&region=b"))
                .hasMessageContaining("\"region\"");
    }

    @Test
    void conditions_are_counted_wherever_they_stand() {
        String hundred = conditions(100);
        assertThat(parse("or=(" + hundred + ")").filter()).hasSize(1);
        assertRefused("or=(" + hundred + ")&id=eq.1", ErrorCode.INVALID_VALUE, "100");
        assertRefused("and=(or(" + conditions(60) + "),or(" + conditions(60) + "))", ErrorCode.INVALID_VALUE, "100");
    }

    @Test
    void nesting_ends_at_ten() {
        assertThat(parse(nested(9)).filter()).hasSize(1);
        assertRefused(nested(10), ErrorCode.INVALID_VALUE, "10");
        assertRefused(nested(30_000), ErrorCode.INVALID_VALUE, "10");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%s=eq.1",
                "id=%s",
                "id=%s.1",
                "id=is.%s",
                "select=%s",
                "order=%s",
                "order=id.%s",
                "limit=%s",
                "or=(%s)",
                "or=(%s",
                "or=%s",
                "id=in.(1%s",
                "id=in.(\"%s",
                "after=[%s",
                "after=[\"%s\",1]",
            })
    void a_hundred_kilobytes_are_refused_in_a_few_words(String query) {
        for (String junk : List.of("x", "\ud83d\ude00", "(", "\"", "\\", "[")) {
            for (int length : new int[] {101, 110, 100_000}) {
                String text = String.format(query, junk.repeat(length));
                assertThatThrownBy(() -> parse(text))
                        .isInstanceOfSatisfying(
                                ProblemException.class,
                                e -> assertThat(e.detail()).hasSizeLessThan(500));
            }
        }
    }

    private static String conditions(int count) {
        return "id.eq.1,".repeat(count - 1) + "id.eq.1";
    }

    private static String nested(int depth) {
        return "or=(" + "and(".repeat(depth) + "id.eq.1" + ")".repeat(depth + 1);
    }

    private static Comparison compare(Column column, Operator operator, String... values) {
        return new Comparison(column, operator, List.of(values), "");
    }

    private static void assertRefused(String query, ErrorCode code, String named) {
        assertThatThrownBy(() -> parse(query)).isInstanceOfSatisfying(ProblemException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.detail()).contains(named);
        });
    }

    private static Query parse(String query) {
        return parse(Fixture.dataset(), Fixture.description(ID), query);
    }

    private static Query parse(Description description, String query) {
        return parse(Fixture.dataset(), description, query);
    }

    private static Query parse(Dataset dataset, String query) {
        return parse(dataset, Fixture.description(ID), query);
    }

    private static Query parse(Dataset dataset, Description description, String query) {
        String encoded = Arrays.stream(query.split("&"))
                .map(QueryParserTest::encodedPair)
                .collect(Collectors.joining("&"));
        Query parsed = new QueryParser(dataset, description, RequestParameters.parse(encoded), 100).parse();
        return new Query(
                parsed.select(),
                parsed.filter().stream().map(QueryParserTest::withoutText).toList(),
                parsed.order(),
                parsed.after(),
                parsed.limit(),
                parsed.offset(),
                parsed.parameters());
    }

    private static String encodedPair(String pair) {
        return Arrays.stream(pair.split("=", 2))
                .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8))
                .collect(Collectors.joining("="));
    }

    /** Without what was written, which only error messages use. */
    private static Condition withoutText(Condition condition) {
        if (condition instanceof Comparison comparison) {
            return new Comparison(comparison.column(), comparison.operator(), comparison.values(), "");
        }
        if (condition instanceof Not not) {
            return new Not(withoutText(not.condition()));
        }
        if (condition instanceof And and) {
            return new And(
                    and.conditions().stream().map(QueryParserTest::withoutText).toList());
        }
        return new Or(((Or) condition)
                .conditions().stream().map(QueryParserTest::withoutText).toList());
    }
}
