package dev.sluice.export;

import static dev.sluice.export.Binary.int4;
import static dev.sluice.export.Binary.int8;
import static dev.sluice.export.Binary.print;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatTextTest {
    @ParameterizedTest
    @CsvSource({
        "0.0, 0",
        "-0.0, -0",
        "1.0, 1",
        "-1.5, -1.5",
        "0.1, 0.1",
        "0.0001, 0.0001",
        "0.00001, 1e-05",
        "0.000012345, 1.2345e-05",
        "123456.789, 123456.789",
        "100000000000000, 100000000000000",
        "999999999999999, 999999999999999",
        "1e15, 1e+15",
        "1234567890123456, 1.234567890123456e+15",
        "123456789012345.6, 123456789012345.6",
        "1e100, 1e+100",
        "1e-300, 1e-300",
        "4.9e-324, 5e-324",
        "1.7976931348623157e308, 1.7976931348623157e+308",
        "2.2250738585072014e-308, 2.2250738585072014e-308",
        "9007199254740993, 9.007199254740992e+15",
        "2.0e-3, 0.002",
        "2e23, 1.9999999999999998e+23",
        "NaN, NaN",
        "Infinity, Infinity",
        "-Infinity, -Infinity"
    })
    void prints_float8_with_the_shortest_digits(double value, String text) {
        assertThat(print(FloatText::float8, int8(Double.doubleToRawLongBits(value))))
                .isEqualTo(text);
    }

    @Test
    void a_decimal_halfway_between_two_numbers_is_not_taken_for_one_of_them() {
        // 2 to the power of -44 and 1e23: one digit less would lie exactly on the border to the neighbour.
        assertThat(print(FloatText::float8, int8(Double.doubleToRawLongBits(0x1p-44))))
                .isEqualTo("5.684341886080802e-14");
        assertThat(print(FloatText::float8, int8(Double.doubleToRawLongBits(Double.parseDouble("1e23")))))
                .isEqualTo("9.999999999999999e+22");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0, 0",
        "-0.0, -0",
        "1.0, 1",
        "0.1, 0.1",
        "3.1415927, 3.1415927",
        "999999, 999999",
        "1000000, 1e+06",
        "1234567, 1.234567e+06",
        "123456.7, 123456.7",
        "16777216, 1.6777216e+07",
        "0.0001, 0.0001",
        "0.00001, 1e-05",
        "1.4e-45, 1e-45",
        "3.4028235e38, 3.4028235e+38",
        "NaN, NaN",
        "-Infinity, -Infinity"
    })
    void prints_float4_with_the_shortest_digits(float value, String text) {
        assertThat(print(FloatText::float4, int4(Float.floatToRawIntBits(value))))
                .isEqualTo(text);
    }

    @Test
    void what_is_printed_reads_back_as_the_same_number() {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            String text = print(FloatText::float8, int8(Double.doubleToRawLongBits(value)));
            assertThat((Double) Double.parseDouble(text)).isEqualTo((Double) value);
            float small = Float.intBitsToFloat(random.nextInt());
            String smallText = print(FloatText::float4, int4(Float.floatToRawIntBits(small)));
            assertThat((Float) Float.parseFloat(smallText)).isEqualTo((Float) small);
        }
    }

    @Test
    void json_quotes_what_is_no_number_in_json() {
        assertThat(print(JsonText::float8, int8(Double.doubleToRawLongBits(Double.NaN))))
                .isEqualTo("\"NaN\"");
        assertThat(print(JsonText::float8, int8(Double.doubleToRawLongBits(1e300))))
                .isEqualTo("1e+300");
        assertThat(print(JsonText::float4, int4(Float.floatToRawIntBits(Float.NEGATIVE_INFINITY))))
                .isEqualTo("\"-Infinity\"");
        assertThat(print(JsonText::float4, int4(Float.floatToRawIntBits(-2.5f))))
                .isEqualTo("-2.5");
    }
}
