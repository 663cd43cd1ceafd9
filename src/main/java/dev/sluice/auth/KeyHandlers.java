package dev.sluice.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.Json;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The API keys of a caller who signed in: a key cannot make keys. Thread-safe. */
final class KeyHandlers {
    private static final Duration LIFETIME_MOST = Duration.ofDays(3650);

    private final ApiKeys keys;
    private final Accounts accounts;
    private final RequestBodies bodies;

    KeyHandlers(ApiKeys keys, Accounts accounts, RequestBodies bodies) {
        this.keys = keys;
        this.accounts = accounts;
        this.bodies = bodies;
    }

    void addTo(Endpoints endpoints) {
        endpoints
                .on("GET", "/keys", (request, response, id) -> list(request, response))
                .on("POST", "/keys", (request, response, id) -> create(request, response))
                .on("DELETE", "/keys/{id}", this::delete);
    }

    private void list(HttpServletRequest request, HttpServletResponse response) throws IOException, SQLException {
        SessionCaller caller = SessionCaller.require(request);
        List<Map<String, Object>> list =
                keys.list(caller.account()).stream().map(ApiKeys.Key::toJson).toList();
        Json.send(response, 200, Map.of("keys", list));
    }

    private void create(HttpServletRequest request, HttpServletResponse response) throws IOException, SQLException {
        SessionCaller caller = SessionCaller.require(request);
        ApiKeys.Wanted wanted = wanted(Json.readObject(request, bodies), accounts.get(caller.account()));
        ApiKeys.Created created = keys.create(caller.account(), wanted);
        Map<String, Object> json = new LinkedHashMap<>(created.key().toJson());
        json.put("key", created.text());
        Json.send(response, 201, json);
    }

    private void delete(HttpServletRequest request, HttpServletResponse response, String id) throws SQLException {
        SessionCaller caller = SessionCaller.require(request);
        if (!keys.delete(caller.account(), Input.id(id))) {
            throw Input.notFound();
        }
        response.setStatus(204);
    }

    private static ApiKeys.Wanted wanted(ObjectNode body, Account account) {
        List<String> roles = Input.roles(body).orElse(account.roles());
        if (!account.roles().containsAll(roles)) {
            throw Input.invalid("\"roles\" can only be some of your own: " + String.join(", ", account.roles()));
        }
        return new ApiKeys.Wanted(Input.name(body), roles, isReadOnly(body), lifetime(body));
    }

    private static boolean isReadOnly(ObjectNode body) {
        String scope = body.path("scope").asText("all");
        if (!scope.equals("read") && !scope.equals("all")) {
            throw Input.invalid("\"scope\" is \"read\" or \"all\".");
        }
        return scope.equals("read");
    }

    private static Optional<Duration> lifetime(ObjectNode body) {
        JsonNode seconds = body.get("expiresIn");
        if (seconds == null || seconds.isNull()) {
            return Optional.empty();
        }
        if (!seconds.canConvertToLong()
                || !seconds.isIntegralNumber()
                || seconds.longValue() < 1
                || seconds.longValue() > LIFETIME_MOST.toSeconds()) {
            throw Input.invalid("\"expiresIn\" is a number of seconds, at most " + LIFETIME_MOST.toSeconds() + ".");
        }
        return Optional.of(Duration.ofSeconds(seconds.longValue()));
    }
}
