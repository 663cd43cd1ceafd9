package dev.sluice.export;

import static dev.sluice.export.Binary.NULL;
import static dev.sluice.export.Binary.array;
import static dev.sluice.export.Binary.hex;
import static dev.sluice.export.Binary.int2;
import static dev.sluice.export.Binary.int4;
import static dev.sluice.export.Binary.print;
import static dev.sluice.export.Binary.text;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArrayTextTest {
    private final FieldEncoder strings = new ArrayText(ScalarText::text);
    private final FieldEncoder json = new ArrayJson(JsonText::string);

    @Test
    void prints_an_empty_array() {
        byte[] empty = array(new int[0]);
        assertThat(print(strings, empty)).isEqualTo("{}");
        assertThat(print(json, empty)).isEqualTo("[]");
    }

    @Test
    void nulls_stand_unquoted_and_the_word_quoted() {
        byte[] array = array(new int[] {3, 1}, NULL, text("NULL"), text("nUlL"));
        assertThat(print(strings, array)).isEqualTo("{NULL,\"NULL\",\"nUlL\"}");
        assertThat(print(json, array)).isEqualTo("[null,\"NULL\",\"nUlL\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a,b", "{", "}", "\t", "\u000b", "\n", "\r", "\f"})
    void elements_that_would_be_misread_are_quoted(String element) {
        assertThat(print(strings, array(new int[] {1, 1}, text(element)))).isEqualTo("{\"" + element + "\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a;b", "NULLS", "'", "\u00e9\u00a0", "a|b", "(1)"})
    void other_elements_are_not(String element) {
        assertThat(print(strings, array(new int[] {1, 1}, text(element)))).isEqualTo("{" + element + "}");
    }

    @Test
    void quotes_and_backslashes_take_a_backslash() {
        byte[] array = array(new int[] {2, 1}, text("a\"b\\"), text("\"\""));
        assertThat(print(strings, array)).isEqualTo("{\"a\\\"b\\\\\",\"\\\"\\\"\"}");
    }

    @Test
    void dimensions_nest_and_unusual_bounds_are_shown_in_text_only() {
        byte[] array = array(new int[] {2, 1, 2, 0}, text("a"), text("b"), NULL, text("d"));
        assertThat(print(strings, array)).isEqualTo("[1:2][0:1]={{a,b},{NULL,d}}");
        assertThat(print(json, array)).isEqualTo("[[\"a\",\"b\"],[null,\"d\"]]");
    }

    @Test
    void vectors_print_with_spaces() {
        assertThat(print(new VectorText(NumberText::int2), array(new int[] {2, 0}, int2(1), int2(-2))))
                .isEqualTo("1 -2");
        assertThat(print(new VectorText(NumberText::int2), array(new int[0]))).isEmpty();
    }

    @Test
    void prints_bits_and_row_positions() {
        assertThat(print(ScalarText::bits, hex("0000000a aa80"))).isEqualTo("1010101010");
        assertThat(print(ScalarText::bits, int4(0))).isEmpty();
        assertThat(print(ScalarText::tid, hex("ffffffff ffff"))).isEqualTo("(4294967295,65535)");
    }
}
