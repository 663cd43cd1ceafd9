package dev.sluice.realtime.centrifugo;

import dev.sluice.http.Json;
import java.time.InstantSource;
import java.util.Map;

/** The methods that are always there: {@code ping} and {@code now}. Stateless. */
final class Rpcs {
    private Rpcs() {}

    static Map<String, Rpc> builtIn(InstantSource clock) {
        return Map.of(
                "ping", (caller, data) -> "\"pong\"",
                "now", (caller, data) -> "{\"now\":" + Json.text(clock.instant().toString()) + "}");
    }
}
