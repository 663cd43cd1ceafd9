package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StatementTest {
    private final Statement statement = new Statement.Builder()
            .sql("SELECT \"a?\" FROM t WHERE x ")
            .append(Statement.of("@" + Statement.QUESTION_MARK + " '?'"))
            .sql(" AND y = ")
            .value("it's; -- $1 ?", "text")
            .sql(" AND z > ")
            .value("2", "pg_catalog.int8")
            .build();

    @Test
    void for_a_command_without_values_they_are_read_from_settings() {
        Statement settled = statement.withSettings();

        assertThat(settled.values()).isEmpty();
        assertThat(settled.text())
                .isEqualTo("SELECT \"a?\" FROM t WHERE x @? '?' AND y = pg_catalog.current_setting('sluice.p1')::text"
                        + " AND z > pg_catalog.current_setting('sluice.p2')::pg_catalog.int8");
    }

    @Test
    void the_settings_are_made_of_values_that_are_bound() {
        Statement settings = statement.settings();

        assertThat(settings.sql()).doesNotContain("it's");
        assertThat(settings.values()).containsExactly("{\"it's; -- $1 ?\",\"2\"}");
    }

    @Test
    void without_values_nothing_changes() {
        Statement plain = Statement.of("SELECT \"?\", '$'");

        assertThat(plain.withSettings()).isEqualTo(plain);
        assertThat(plain.text()).isEqualTo("SELECT \"?\", '$'");
    }
}
