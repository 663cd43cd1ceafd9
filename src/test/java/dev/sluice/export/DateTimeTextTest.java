package dev.sluice.export;

import static dev.sluice.export.Binary.concat;
import static dev.sluice.export.Binary.int4;
import static dev.sluice.export.Binary.int8;
import static dev.sluice.export.Binary.print;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DateTimeTextTest {
    private static final long DAY = 86_400_000_000L;

    @ParameterizedTest
    @CsvSource({
        "0, 2000-01-01",
        "-1, 1999-12-31",
        "59, 2000-02-29",
        "-730119, 0001-01-01",
        "-730120, 0001-12-31 BC",
        "-730485, 0001-01-01 BC",
        "-2451545, 4714-11-24 BC",
        "2921939, 9999-12-31",
        "2921940, 10000-01-01",
        "2145031948, 5874897-12-31",
        "2147483647, infinity",
        "-2147483648, -infinity"
    })
    void prints_dates(int days, String text) {
        assertThat(print(DateTimeText::date, int4(days))).isEqualTo(text);
    }

    @Test
    void prints_every_day_of_eight_centuries() {
        LocalDate start = LocalDate.of(2000, 1, 1);
        for (int days = -146_097; days <= 146_097; days++) {
            assertThat(print(DateTimeText::date, int4(days)))
                    .isEqualTo(start.plusDays(days).toString());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00:00:00",
        "1, 00:00:00.000001",
        "100000, 00:00:00.1",
        "86399999999, 23:59:59.999999",
        "86400000000, 24:00:00",
        "3723004500, 01:02:03.0045"
    })
    void prints_times(long micros, String text) {
        assertThat(print(DateTimeText::time, int8(micros))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 00:00:00+00",
        "-19800, 00:00:00+05:30",
        "10800, 00:00:00-03",
        "57599, 00:00:00-15:59:59",
        "-1, 00:00:00+00:00:01"
    })
    void prints_times_with_their_zone(int west, String text) {
        assertThat(print(DateTimeText::timetz, concat(int8(0), int4(west)))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 2000-01-01 00:00:00+00, 2000-01-01T00:00:00+00:00",
        "-1, 1999-12-31 23:59:59.999999+00, 1999-12-31T23:59:59.999999+00:00",
        "1500000, 2000-01-01 00:00:01.5+00, 2000-01-01T00:00:01.5+00:00",
        "-63082368000000000, 0001-12-31 00:00:00+00 BC, 0001-12-31T00:00:00+00:00 BC",
        "9223371331199999999, 294276-12-31 23:59:59.999999+00, 294276-12-31T23:59:59.999999+00:00",
        "9223372036854775807, infinity, infinity",
        "-9223372036854775808, -infinity, -infinity"
    })
    void prints_timestamps_in_utc(long micros, String text, String json) {
        byte[] field = int8(micros);
        assertThat(print(DateTimeText::timestamptz, field)).isEqualTo(text);
        assertThat(print(DateTimeText::jsonTimestamptz, field)).isEqualTo('"' + json + '"');
    }

    @Test
    void timestamps_without_a_zone_print_none() {
        assertThat(print(DateTimeText::timestamp, int8(-DAY))).isEqualTo("1999-12-31 00:00:00");
        assertThat(print(DateTimeText::jsonTimestamp, int8(-DAY))).isEqualTo("\"1999-12-31T00:00:00\"");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 00:00:00",
        "0, 0, 14, 1 year 2 mons",
        "0, 1, -1, -1 mons +1 day",
        "-1, 1, 0, 1 day -00:00:00.000001",
        "3600000000, -1, 0, -1 days +01:00:00",
        "360000000000, 0, 0, 100:00:00",
        "-5400000000, 2, -25, -2 years -1 mons +2 days -01:30:00",
        "9223372036854775807, 0, 0, 2562047788:00:54.775807",
        "-9223372036854775808, 0, 0, -2562047788:00:54.775808",
        "9223372036854775807, 2147483647, 2147483647, infinity",
        "-9223372036854775808, -2147483648, -2147483648, -infinity"
    })
    void prints_intervals_in_the_style_of_postgres(long micros, int days, int months, String text) {
        assertThat(print(IntervalText::text, concat(int8(micros), int4(days), int4(months))))
                .isEqualTo(text);
    }
}
