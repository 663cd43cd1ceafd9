package dev.sluice.export;

import static dev.sluice.export.Binary.NULL;
import static dev.sluice.export.Binary.concat;
import static dev.sluice.export.Binary.hex;
import static dev.sluice.export.Binary.int2;
import static dev.sluice.export.Binary.int4;
import static dev.sluice.export.Binary.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyTupleTest {
    private static final String SIGNATURE = "5047434f50590aff0d0a00";

    @Test
    void fields_are_found_in_the_message_itself() {
        byte[] message = tuple(text("one"), NULL, text(""), text("f\u00fcnf"));
        CopyTuple tuple = new CopyTuple(4);

        assertThat(tuple.read(message, 0)).isTrue();

        assertThat(tuple.count()).isEqualTo(4);
        assertThat(field(tuple, 0)).isEqualTo("one");
        assertThat(tuple.isNull(1)).isTrue();
        assertThat(tuple.isNull(2)).isFalse();
        assertThat(field(tuple, 2)).isEmpty();
        assertThat(field(tuple, 3)).isEqualTo("f\u00fcnf");
        assertThat(tuple.bytes(0)).isSameAs(message);
    }

    @Test
    void the_first_one_stands_behind_the_header() {
        byte[] message = concat(hex(SIGNATURE), int4(0x0000_ffff), int4(3), hex("010203"), tuple(text("x")));
        CopyTuple tuple = new CopyTuple(1);

        assertThat(tuple.read(message, CopyTuple.afterHeader(message))).isTrue();

        assertThat(field(tuple, 0)).isEqualTo("x");
    }

    @Test
    void the_trailer_is_no_row() {
        assertThat(new CopyTuple(2).read(int2(-1), 0)).isFalse();
        assertThat(new CopyTuple(0).read(int2(0), 0)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "0001",
                "0003",
                "ffff00",
                "fffe",
                "0002 00000001 41",
                "0002 00000001 41 000000",
                "0002 00000001 41 00000002 41",
                "0002 00000001 41 00000001 41 42",
                "0002 00000001 41 fffffffe",
                "0002 7fffffff 41 00000001 41",
                "0002 80000000 00000001 41",
                "0001 00000001 41 00000001 41",
            })
    void what_is_no_tuple_of_two_fields_is_refused(String message) {
        assertThatThrownBy(() -> new CopyTuple(2).read(hex(message), 0)).isInstanceOf(MalformedFieldException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                SIGNATURE + "00000000 000000",
                "5047434f50590a0d0a0000 00000000 00000000",
                SIGNATURE + "00010000 00000000",
                SIGNATURE + "80000000 00000000",
                SIGNATURE + "00000000 00000001",
                SIGNATURE + "00000000 ffffffff",
                SIGNATURE + "00000000 7fffffff",
            })
    void what_is_no_header_is_refused(String message) {
        assertThatThrownBy(() -> CopyTuple.afterHeader(hex(message))).isInstanceOf(MalformedFieldException.class);
    }

    @Test
    void of_any_bytes_only_fields_within_them_are_found() {
        Random random = new Random(20261121);
        CopyTuple tuple = new CopyTuple(3);
        int found = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] message = tuple(new byte[random.nextInt(4)], new byte[random.nextInt(4)], NULL);
            for (int change = random.nextInt(4); change > 0; change--) {
                message[random.nextInt(message.length)] = (byte) (random.nextInt(7) - 2);
            }
            byte[] cut = Arrays.copyOf(message, message.length - random.nextInt(2));
            found += isRead(tuple, cut) ? 1 : 0;
        }
        assertThat(found).isBetween(10_000, 190_000);
    }

    private static boolean isRead(CopyTuple tuple, byte[] message) {
        try {
            if (!tuple.read(message, 0)) {
                return false;
            }
        } catch (MalformedFieldException e) {
            return false;
        }
        int end = 2;
        for (int i = 0; i < tuple.count(); i++) {
            assertThat(tuple.offset(i)).isEqualTo(end + 4);
            end = tuple.offset(i) + Math.max(0, tuple.length(i));
        }
        assertThat(end).isEqualTo(message.length);
        return true;
    }

    private static byte[] tuple(byte[]... fields) {
        byte[] message = int2(fields.length);
        for (byte[] field : fields) {
            message = concat(message, field == NULL ? int4(-1) : concat(int4(field.length), field));
        }
        return message;
    }

    private static String field(CopyTuple tuple, int field) {
        return new String(tuple.bytes(field), tuple.offset(field), tuple.length(field), StandardCharsets.UTF_8);
    }
}
