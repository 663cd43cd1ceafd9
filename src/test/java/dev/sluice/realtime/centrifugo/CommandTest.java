package dev.sluice.realtime.centrifugo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.broker.Position;
import org.junit.jupiter.api.Test;

class CommandTest {
    @Test
    void whatClientsSayIsUnderstood() {
        Command connect = read("{\"id\":1,\"connect\":{\"token\":\"<jwt>\",\"name\":\"js\",\"data\":{},\"subs\":{}}}");
        assertThat(connect.id()).isEqualTo(1);
        assertThat(connect.method()).isEqualTo(Command.Method.CONNECT);
        assertThat(connect.token()).isEqualTo("<jwt>");
        Command subscribe = read("{\"id\":2,\"subscribe\":{\"channel\":\"chat:1\",\"token\":\"\",\"recover\":true,"
                + "\"epoch\":\"aB3x\",\"offset\":41,\"join_leave\":true,\"new_field\":[1]}}");
        assertThat(subscribe.method()).isEqualTo(Command.Method.SUBSCRIBE);
        assertThat(subscribe.channel()).isEqualTo("chat:1");
        assertThat(subscribe.recovery()).contains(new Position("aB3x", 41));
        assertThat(subscribe.flag("join_leave")).isTrue();
        assertThat(subscribe.flag("positioned")).isFalse();
        Command rpc = read("{\"id\":10,\"rpc\":{\"method\":\"m\",\"data\":{\"a\":[1.5,null]}}}");
        assertThat(rpc.text("method")).isEqualTo("m");
        assertThat(rpc.data()).isEqualTo("{\"a\":[1.5,null]}");
        assertThat(read("{\"send\":{\"data\":{}}}").method()).isEqualTo(Command.Method.SEND);
        assertThat(read("{\"id\":3,\"sub_refresh\":{\"channel\":\"c\"}}").method())
                .isEqualTo(Command.Method.SUB_REFRESH);
    }

    @Test
    void anEmptyObjectIsASignOfLife() {
        assertThat(Command.read("{}")).isEmpty();
    }

    @Test
    void whatIsNotKnownIsNoMethod() {
        assertThat(read("{\"id\":1,\"dance\":{}}").method()).isEqualTo(Command.Method.UNKNOWN);
        assertThat(read("{\"id\":1,\"unknown\":{}}").method()).isEqualTo(Command.Method.UNKNOWN);
        assertThat(read("{\"id\":1,\"connect\":null,\"publish\":{}}").method()).isEqualTo(Command.Method.PUBLISH);
    }

    @Test
    void whatIsNoCommandIsRefused() {
        for (String line : new String[] {
            "x",
            "[]",
            "1",
            "\"\"",
            "{\"connect\":{}}",
            "{\"id\":0,\"connect\":{}}",
            "{\"id\":-1,\"connect\":{}}",
            "{\"id\":\"1\",\"connect\":{}}",
            "{\"id\":1e30,\"connect\":{}}",
            "{\"id\":1,\"connect\":[]}",
            "{\"id\":1,\"id\":1,\"connect\":{}}",
            "{\"id\":1,\"connect\":{}}{}",
            "[".repeat(9999)
        }) {
            assertThatThrownBy(() -> Command.read(line)).as(line).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void wrongParametersAreTold() {
        for (String params : new String[] {"{}", "{\"channel\":\"\"}", "{\"channel\":7}", "{\"channel\":null}"}) {
            assertThatThrownBy(read("{\"id\":1,\"subscribe\":" + params + "}")::channel)
                    .as(params)
                    .isInstanceOfSatisfying(
                            FaultException.class, e -> assertThat(e.code()).isEqualTo(Fault.BAD_REQUEST.code()));
        }
        for (String place : new String[] {"\"epoch\":\"" + "x".repeat(300) + "\"", "\"epoch\":7"}) {
            assertThatThrownBy(read("{\"id\":1,\"subscribe\":{\"recover\":true," + place + "}}")::recovery)
                    .as(place)
                    .isInstanceOfSatisfying(
                            FaultException.class, e -> assertThat(e.code()).isEqualTo(Fault.BAD_REQUEST.code()));
        }
        assertThatThrownBy(read("{\"id\":1,\"subscribe\":{\"channel\":\"" + "x".repeat(300) + "\"}}")::channel)
                .isInstanceOf(FaultException.class);
        for (String offset : new String[] {"-1", "1.5", "\"1\"", "1e30", "99999999999999999999"}) {
            assertThatThrownBy(read("{\"id\":1,\"subscribe\":{\"recover\":true,\"offset\":" + offset + "}}")::recovery)
                    .as(offset)
                    .isInstanceOf(FaultException.class);
        }
    }

    private static Command read(String line) {
        return Command.read(line).orElseThrow();
    }
}
