package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.settings.DatasetSettings.Parameter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTemplateTest {
    private static final List<Parameter> DECLARED =
            List.of(new Parameter("x", "int", Optional.empty()), new Parameter("y_2", "text[]", Optional.empty()));

    @Test
    void a_parameter_is_bound_and_cast_to_its_type() {
        SqlTemplate template = parse("SELECT :x, a FROM t WHERE b=:y_2 AND c>:x");

        assertThat(template.sql())
                .isEqualTo("SELECT CAST(\0$ AS int), a FROM t WHERE b=CAST(\0$ AS text[]) AND c>CAST(\0$ AS int)");
        assertThat(template.parameters()).containsExactly("x", "y_2", "x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT ':x ''' || ' :x'",
                "SELECT \":x \"\" :x\" FROM t",
                "SELECT E'it''s \\' :x \\\\'",
                "SELECT e'\\':x'",
                "SELECT $$ :x $ :x $$",
                "SELECT $a_1$ :x $$ :x $b$ $a_1$",
                "SELECT 1 -- :x ' \" ?",
                "SELECT /* :x ' */ 1",
                "SELECT /* /* :x */ :x */ 1",
                "SELECT /* :x",
                "SELECT a::x, b::y_2",
                "SELECT a[1:x], a[b:x], a[c[1]:x]",
                "SELECT :unknown, :xx, :x2",
                "SELECT now() AT TIME ZONE 'UTC' + interval '1:x'",
                "SELECT tag$x$ FROM t",
            })
    void what_only_looks_like_a_parameter_is_left_alone(String sql) {
        assertThat(parse(sql)).isEqualTo(new SqlTemplate(sql, List.of()));
    }

    @Test
    void after_what_is_quoted_parameters_are_found_again() {
        assertThat(parse("'a':x \"b\" :x $$c$$ :x -- d\n:x /* /* e */ */ :x E'\\\\' :x /**/ :x")
                        .parameters())
                .hasSize(7);
        assertThat(parse("SELECT :x::text, f(:x)").sql())
                .isEqualTo("SELECT CAST(\0$ AS int)::text, f(CAST(\0$ AS int))");
    }

    @Test
    void operators_with_a_question_mark_stay_operators() {
        assertThat(parse("SELECT a ? 'b?', a ?| b, a ?& b, a @? '$.x?' -- ?").sql())
                .isEqualTo("SELECT a \0? 'b?', a \0?| b, a \0?& b, a @\0? '$.x?' -- ?");
    }

    @Test
    void a_semicolon_at_the_end_goes() {
        assertThat(parse("  SELECT 1 ; \n; ").sql()).isEqualTo("SELECT 1");
        assertThat(parse("SELECT ';'").sql()).isEqualTo("SELECT ';'");
    }

    @Test
    void texts_of_any_length_are_read() {
        String quoted = "it''s \\\\ \"\" * / ".repeat(50_000);
        String sql = "'" + quoted + "' E'" + quoted + "' \"" + quoted + "\" $$" + quoted + "$$ /*" + quoted + "*/ :x";
        assertThat(parse(sql).parameters()).containsExactly("x");
    }

    private static SqlTemplate parse(String sql) {
        return SqlTemplate.parse(sql, DECLARED);
    }
}
