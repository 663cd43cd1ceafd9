package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptTest {
    @Test
    void without_a_header_it_is_ndjson() {
        assertThat(Accept.best(null)).isEqualTo(Format.NDJSON);
        assertThat(Accept.best(" ")).isEqualTo(Format.NDJSON);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/csv|CSV",
                "TEXT/CSV|CSV",
                "application/json|JSON",
                "application/x-ndjson|NDJSON",
                "*/*|NDJSON",
                "text/*|CSV",
                "application/*|NDJSON",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8|NDJSON",
                "application/json;q=0.5, text/csv;q=0.6|CSV",
                "application/json;q=0.5, text/csv;q=0.4, */*;q=0.1|JSON",
                "application/x-ndjson;q=0, */*|CSV",
                "*/*;q=0, application/json;q=0.001|JSON",
                "application/json;charset=utf-8|JSON",
                "text/csv;header=present;q=0.9, application/json;q=0.8|CSV",
                "text/csv ; q=0.9 ,application/json|JSON",
                ";,text/csv|CSV",
                ",;;,,application/json|JSON",
            })
    void the_best_format_is_the_one_the_client_likes_most(String header, Format expected) {
        assertThat(Accept.best(header)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "image/*", "text/csv;q=0", "text/csv;q=many", "csv", ";", ",", "text/csvx"})
    void what_none_of_the_formats_is_answers_406(String header) {
        assertThatThrownBy(() -> Accept.best(header))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_ACCEPTABLE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br, GZIP;q=0.5", "*", "deflate, gzip;q=1.0, *;q=0.5", "identity;q=0, *"})
    void gzip_is_sent_where_it_is_welcome(String header) {
        assertThat(Accept.gzip(header)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "identity", "br", "gzip;q=0", "*;q=0", "gzip;q=0, *", "gzipx", ";"})
    void gzip_is_not_sent_where_it_is_not(String header) {
        assertThat(Accept.gzip(header)).isFalse();
        assertThat(Accept.gzip(null)).isFalse();
    }
}
