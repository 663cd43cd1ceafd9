package dev.sluice.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * What a JWT says of itself before anything is verified. It only picks the verifier; each verifier has its own list of
 * algorithms and its own kind of keys, so that no token can be verified by a key of another kind. Immutable.
 */
record JwtHeader(String algorithm, String kid) {
    /** The header of a signed token in compact form; empty for anything else. */
    static Optional<JwtHeader> of(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            byte[] header = Base64.getUrlDecoder().decode(parts[0]);
            JsonNode json = Json.parse(new String(header, StandardCharsets.UTF_8));
            // Extensions that we would have to understand (RFC 7515, section 4.1.11), and zip bombs.
            boolean plain = !json.has("crit") && !json.has("zip");
            JwtHeader read =
                    new JwtHeader(json.path("alg").asText(""), json.path("kid").asText(""));
            return plain ? Optional.of(read) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
