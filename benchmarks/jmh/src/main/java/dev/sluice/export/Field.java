package dev.sluice.export;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Values in PostgreSQL's binary format. Stateless. */
final class Field {
    private static final BigInteger TEN_THOUSAND = BigInteger.valueOf(10_000);
    private static final int DIGIT_DECIMALS = 4;

    private Field() {}

    static byte[] bool(boolean value) {
        return new byte[] {(byte) (value ? 1 : 0)};
    }

    static byte[] int2(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    static byte[] int4(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    static byte[] int8(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    static byte[] float4(float value) {
        return ByteBuffer.allocate(4).putFloat(value).array();
    }

    static byte[] float8(double value) {
        return ByteBuffer.allocate(8).putDouble(value).array();
    }

    static byte[] uuid(long most, long least) {
        return ByteBuffer.allocate(16).putLong(most).putLong(least).array();
    }

    static byte[] interval(long micros, int days, int months) {
        return ByteBuffer.allocate(16).putLong(micros).putInt(days).putInt(months).array();
    }

    static byte[] text(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] jsonb(String value) {
        byte[] text = text(value);
        return ByteBuffer.allocate(text.length + 1).put((byte) 1).put(text).array();
    }

    /** Base-10,000 digits, the first of them worth 10,000 to the power of the weight. */
    static byte[] numeric(String value) {
        BigDecimal decimal = new BigDecimal(value);
        int scale = Math.max(decimal.scale(), 0);
        int groups = (scale + DIGIT_DECIMALS - 1) / DIGIT_DECIMALS;
        BigInteger rest = decimal.abs().setScale(groups * DIGIT_DECIMALS).unscaledValue();
        List<Integer> digits = new ArrayList<>();
        for (; rest.signum() > 0; rest = rest.divide(TEN_THOUSAND)) {
            digits.add(0, rest.mod(TEN_THOUSAND).intValue());
        }
        ByteBuffer out = ByteBuffer.allocate(8 + 2 * digits.size());
        out.putShort((short) digits.size()).putShort((short) (digits.size() - groups - 1));
        out.putShort((short) (decimal.signum() < 0 ? 0x4000 : 0)).putShort((short) scale);
        digits.forEach(digit -> out.putShort(digit.shortValue()));
        return out.array();
    }

    /** An array of one dimension. */
    static byte[] array(BinaryType type, byte[]... elements) {
        int length = Arrays.stream(elements).mapToInt(element -> 4 + element.length).sum();
        ByteBuffer out = ByteBuffer.allocate(20 + length);
        out.putInt(1).putInt(0).putInt(type.oid()).putInt(elements.length).putInt(1);
        for (byte[] element : elements) {
            out.putInt(element.length).put(element);
        }
        return out.array();
    }
}
