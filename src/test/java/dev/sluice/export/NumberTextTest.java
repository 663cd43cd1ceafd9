package dev.sluice.export;

import static dev.sluice.export.Binary.hex;
import static dev.sluice.export.Binary.int2;
import static dev.sluice.export.Binary.int4;
import static dev.sluice.export.Binary.int8;
import static dev.sluice.export.Binary.print;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {
    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                9,
                10,
                99,
                100,
                12345,
                999_999,
                2147483648L,
                99_999_999_999L,
                Long.MAX_VALUE,
                Long.MIN_VALUE,
                -1,
                -10
            })
    void prints_integers(long value) {
        assertThat(print(NumberText::int8, int8(value))).isEqualTo(Long.toString(value));
    }

    @Test
    void prints_random_integers() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            assertThat(print(NumberText::int8, int8(value))).isEqualTo(Long.toString(value));
        }
    }

    @Test
    void prints_small_integers_with_their_sign() {
        assertThat(print(NumberText::int2, int2(-32768))).isEqualTo("-32768");
        assertThat(print(NumberText::int4, int4(Integer.MIN_VALUE))).isEqualTo("-2147483648");
    }

    @Test
    void prints_unsigned_numbers() {
        assertThat(print(NumberText::unsigned4, int4(-1))).isEqualTo("4294967295");
        assertThat(print(NumberText::unsigned8, int8(-1))).isEqualTo("18446744073709551615");
        assertThat(print(NumberText::unsigned8, int8(Long.MIN_VALUE))).isEqualTo("9223372036854775808");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0|$0.00",
                "-1|-$0.01",
                "100|$1.00",
                "99999|$999.99",
                "100000|$1,000.00",
                "-123456789|-$1,234,567.89",
                "9223372036854775807|$92,233,720,368,547,758.07",
                "-9223372036854775808|-$92,233,720,368,547,758.08"
            })
    void prints_money_with_groups_of_three(long cents, String text) {
        assertThat(print(NumberText::money, int8(cents))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0000 0000 0000 0000, 0",
        "0000 0000 0000 0003, 0.000",
        "0001 0000 4000 0000 0001, -1",
        "0001 0001 0000 0000 0001, 10000",
        "0003 0001 0000 0004 0001 0002 0003, 10002.0003",
        "0002 0000 0000 0002 04d2 1a2c, 1234.67",
        "0001 fffe 0000 0009 04d2, 0.000012340",
        "0001 0000 0000 0006 0001, 1.000000",
        "0000 0000 C000 0000, NaN",
        "0000 0000 D000 0020, Infinity",
        "0000 0000 F000 0020, -Infinity"
    })
    void prints_numeric_with_its_scale(String wire, String text) {
        assertThat(print(NumericText::text, hex(wire))).isEqualTo(text);
    }

    @Test
    void json_quotes_only_numbers_that_are_none_in_json() {
        assertThat(print(JsonText::numeric, hex("0001 0000 4000 0000 0001"))).isEqualTo("-1");
        assertThat(print(JsonText::numeric, hex("0000 0000 C000 0000"))).isEqualTo("\"NaN\"");
        assertThat(print(JsonText::numeric, hex("0000 0000 F000 0020"))).isEqualTo("\"-Infinity\"");
    }
}
