package dev.sluice.export;

import static dev.sluice.export.Binary.hex;
import static dev.sluice.export.Binary.print;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTextTest {
    @ParameterizedTest
    @CsvSource({
        "02 20 00 04 0a010203, 10.1.2.3",
        "02 08 00 04 0a010203, 10.1.2.3/8",
        "02 20 01 04 0a010203, 10.1.2.3/32",
        "03 80 00 10 00000000000000000000000000000000, ::",
        "03 00 01 10 00000000000000000000000000000000, ::/0",
        "03 80 00 10 00000000000000000000000000000001, ::1",
        "03 80 00 10 00000000000000000000000001020304, ::1.2.3.4",
        "03 80 00 10 00000000000000000000ffff01020304, ::ffff:1.2.3.4",
        "03 40 00 10 20010db8000000000001000000000000, 2001:db8:0:0:1::/64",
        "03 40 00 10 20010db8000000000001000000000001, 2001:db8::1:0:0:1/64",
        "03 80 00 10 00010002000300040005000600070008, 1:2:3:4:5:6:7:8",
        "03 80 00 10 00000002000300040005000600070000, 0:2:3:4:5:6:7:0"
    })
    void prints_addresses(String wire, String text) {
        assertThat(print(NetworkText::text, hex(wire))).isEqualTo(text);
    }

    @Test
    void prints_hexadecimal_types() {
        assertThat(print(HexText::uuid, hex("00112233445566778899aabbccddeeff")))
                .isEqualTo("00112233-4455-6677-8899-aabbccddeeff");
        assertThat(print(HexText::jsonUuid, hex("00112233445566778899aabbccddeeff")))
                .isEqualTo("\"00112233-4455-6677-8899-aabbccddeeff\"");
        assertThat(print(HexText::bytea, hex("00ff7f"))).isEqualTo("\\x00ff7f");
        assertThat(print(HexText::bytea, hex(""))).isEqualTo("\\x");
        assertThat(print(HexText::jsonBytea, hex("00ff7f"))).isEqualTo("\"\\\\x00ff7f\"");
        assertThat(print(HexText::macaddr, hex("08002b010203"))).isEqualTo("08:00:2b:01:02:03");
        assertThat(print(HexText::macaddr8, hex("08002bfffe010203"))).isEqualTo("08:00:2b:ff:fe:01:02:03");
        assertThat(print(HexText::lsn, hex("00000016b374d848"))).isEqualTo("16/B374D848");
    }
}
