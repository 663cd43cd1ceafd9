package dev.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.export.RequestParameters.Parameter;
import dev.sluice.http.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParametersTest {
    @Test
    void parameters_keep_their_order_and_are_decoded_once() {
        assertThat(RequestParameters.parse("b=1&a=%2541&&b=x+y%2Bz&c&d=&%C3%A4=%F0%9F%98%80&e=f=g")
                        .all())
                .containsExactly(
                        new Parameter("b", "1"),
                        new Parameter("a", "%41"),
                        new Parameter("b", "x y+z"),
                        new Parameter("c", ""),
                        new Parameter("d", ""),
                        new Parameter("\u00e4", "\ud83d\ude00"),
                        new Parameter("e", "f=g"));
        assertThat(RequestParameters.parse(null).all()).isEmpty();
        assertThat(RequestParameters.parse("").all()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%4", "%zz", "a=%", "a=%1", "a=%g0", "a=%0g", "a=b%", "a=%%41"})
    void a_percent_without_two_digits_is_refused(String query) {
        assertThatThrownBy(() -> RequestParameters.parse(query))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("hexadecimal");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=%FF", // never in UTF-8
                "a=%C3", // cut
                "a=%C3%28", // no continuation
                "a=%80", // continuation alone
                "a=%C0%80", // overlong NUL
                "a=%ED%A0%80", // lone surrogate
                "a=%ED%A0%BD%ED%B8%80", // surrogates as CESU-8
                "a=%F4%90%80%80", // beyond Unicode
                "%FF=a",
            })
    void what_is_not_utf_8_is_refused(String query) {
        assertThatThrownBy(() -> RequestParameters.parse(query))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=%00", "a=b%00c", "%00=a"})
    void nul_is_refused(String query) {
        assertThatThrownBy(() -> RequestParameters.parse(query))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("NUL");
    }

    @Test
    void a_parameter_that_may_be_given_once_is_refused_twice() {
        RequestParameters twice = RequestParameters.parse("limit=1&limit=1");
        assertThatThrownBy(() -> twice.single("limit"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("\"limit\"");
        assertThatThrownBy(() -> twice.has("limit")).isInstanceOf(ProblemException.class);
    }

    @Test
    void a_flag_is_true_or_false() {
        assertThat(RequestParameters.parse("end=true").flag("end")).isTrue();
        assertThat(RequestParameters.parse("end").flag("end")).isTrue();
        assertThat(RequestParameters.parse("end=false").flag("end")).isFalse();
        assertThat(RequestParameters.parse("").flag("end")).isFalse();
        assertThatThrownBy(() -> RequestParameters.parse("end=yes").flag("end"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("\"end\"");
    }
}
