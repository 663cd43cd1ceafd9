package dev.sluice.export;

import dev.sluice.flow.Buffer;

/**
 * Dates and times as PostgreSQL prints them with DateStyle=ISO and TimeZone=UTC, and as its JSON functions do
 * ({@code T} between date and time, a zone with minutes). Integer arithmetic on the proleptic Gregorian calendar: years
 * up to seven digits and BC are beyond what is quick in java.time.
 */
final class DateTimeText {
    private static final long MICROS_PER_DAY = 86_400_000_000L;
    /** From 0000-03-01, where a cycle of leap years begins, to 2000-01-01, where PostgreSQL counts from. */
    private static final long DAYS_TO_2000 = 730_425;

    private static final int DAYS_PER_400_YEARS = 146_097;
    /** Year of seven digits, micros, zone with seconds, BC; and room to spare. */
    private static final int MAX_LENGTH = 48;

    private static final byte[] INFINITY = Ascii.bytes("infinity");
    private static final byte[] NEGATIVE_INFINITY = Ascii.bytes("-infinity");
    private static final byte[] BC = Ascii.bytes(" BC");

    private DateTimeText() {}

    static void date(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(4, length, "date");
        int days = Wire.int32(from, offset);
        if (days == Integer.MAX_VALUE || days == Integer.MIN_VALUE) {
            out.put(days > 0 ? INFINITY : NEGATIVE_INFINITY);
            return;
        }
        int start = out.reserve(MAX_LENGTH);
        byte[] to = out.array();
        int at = putDate(days, to, start);
        out.setLength(isBeforeChrist(days) ? Ascii.put(BC, to, at) : at);
    }

    static void time(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(8, length, "time");
        int at = out.reserve(MAX_LENGTH);
        out.setLength(putTime(Wire.int64(from, offset), out.array(), at));
    }

    static void timetz(byte[] from, int offset, int length, Buffer out) {
        Wire.expect(12, length, "timetz");
        int at = out.reserve(MAX_LENGTH);
        int end = putTime(Wire.int64(from, offset), out.array(), at);
        out.setLength(putZone(Wire.int32(from, offset + 8), out.array(), end));
    }

    static void timestamp(byte[] from, int offset, int length, Buffer out) {
        timestamp(from, offset, length, (byte) ' ', 0, out);
    }

    static void timestamptz(byte[] from, int offset, int length, Buffer out) {
        timestamp(from, offset, length, (byte) ' ', 1, out);
    }

    static void jsonTimestamp(byte[] from, int offset, int length, Buffer out) {
        out.put((byte) '"');
        timestamp(from, offset, length, (byte) 'T', 0, out);
        out.put((byte) '"');
    }

    static void jsonTimestamptz(byte[] from, int offset, int length, Buffer out) {
        out.put((byte) '"');
        timestamp(from, offset, length, (byte) 'T', 2, out);
        out.put((byte) '"');
    }

    /** @param zoneParts how much of UTC's zone is printed: nothing, hours, or hours and minutes */
    private static void timestamp(byte[] from, int offset, int length, byte separator, int zoneParts, Buffer out) {
        Wire.expect(8, length, "timestamp");
        long micros = Wire.int64(from, offset);
        if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
            out.put(micros > 0 ? INFINITY : NEGATIVE_INFINITY);
            return;
        }
        long days = Math.floorDiv(micros, MICROS_PER_DAY);
        int start = out.reserve(MAX_LENGTH);
        byte[] to = out.array();
        int at = putDate(days, to, start);
        to[at++] = separator;
        at = putTime(micros - days * MICROS_PER_DAY, to, at);
        at = putUtc(zoneParts, to, at);
        out.setLength(isBeforeChrist(days) ? Ascii.put(BC, to, at) : at);
    }

    private static boolean isBeforeChrist(long days) {
        return days < -730_119;
    }

    /** Year, month and day; the caller adds BC, which stands behind everything. After H. Hinnant's days_to_civil. */
    private static int putDate(long days, byte[] to, int at) {
        long shifted = days + DAYS_TO_2000;
        int era = (int) Math.floorDiv(shifted, DAYS_PER_400_YEARS);
        int dayOfEra = (int) (shifted - (long) era * DAYS_PER_400_YEARS);
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int fromMarch = (5 * dayOfYear + 2) / 153;
        int month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        int year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        int end = putYear(year > 0 ? year : 1 - year, to, at);
        to[end] = '-';
        NumberText.putPair(month, to, end + 1);
        to[end + 3] = '-';
        return NumberText.putPair(dayOfYear - (153 * fromMarch + 2) / 5 + 1, to, end + 4);
    }

    private static int putYear(int year, byte[] to, int at) {
        if (year >= 10_000) {
            return NumberText.putLong(year, to, at);
        }
        NumberText.putPair(year / 100, to, at);
        return NumberText.putPair(year % 100, to, at + 2);
    }

    private static int putTime(long micros, byte[] to, int at) {
        int seconds = (int) (micros / 1_000_000);
        int fraction = (int) (micros - seconds * 1_000_000L);
        int minutes = seconds / 60;
        int hours = minutes / 60;
        NumberText.putPair(hours, to, at);
        to[at + 2] = ':';
        NumberText.putPair(minutes - hours * 60, to, at + 3);
        to[at + 5] = ':';
        NumberText.putPair(seconds - minutes * 60, to, at + 6);
        return putFraction(fraction, to, at + 8);
    }

    /** Microseconds behind a point, without the zeros at the end; nothing for none. */
    static int putFraction(int micros, byte[] to, int at) {
        if (micros == 0) {
            return at;
        }
        to[at] = '.';
        int end = NumberText.putDigits(micros, 6, to, at + 1);
        while (to[end - 1] == '0') {
            end--;
        }
        return end;
    }

    private static int putUtc(int parts, byte[] to, int start) {
        if (parts == 0) {
            return start;
        }
        to[start] = '+';
        int at = NumberText.putPair(0, to, start + 1);
        if (parts == 1) {
            return at;
        }
        to[at] = ':';
        return NumberText.putPair(0, to, at + 1);
    }

    /** @param west seconds west of UTC, as the wire has it */
    private static int putZone(int west, byte[] to, int start) {
        int seconds = Math.abs(west);
        to[start] = (byte) (west <= 0 ? '+' : '-');
        int at = NumberText.putPair(seconds / 3600, to, start + 1);
        if (seconds % 3600 == 0) {
            return at;
        }
        to[at] = ':';
        at = NumberText.putPair(seconds / 60 % 60, to, at + 1);
        if (seconds % 60 == 0) {
            return at;
        }
        to[at] = ':';
        return NumberText.putPair(seconds % 60, to, at + 1);
    }
}
