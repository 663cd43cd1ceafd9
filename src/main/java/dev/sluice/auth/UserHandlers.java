package dev.sluice.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What admins see and change of all accounts. Thread-safe. */
final class UserHandlers {
    private static final int LIMIT = 100;
    private static final int LIMIT_MOST = 1000;

    private final Accounts accounts;
    private final RequestBodies bodies;

    UserHandlers(Accounts accounts, RequestBodies bodies) {
        this.accounts = accounts;
        this.bodies = bodies;
    }

    void addTo(Endpoints endpoints) {
        endpoints
                .on("GET", "", (request, response, id) -> list(request, response))
                .on("PATCH", "/{id}", this::change);
    }

    private void list(HttpServletRequest request, HttpServletResponse response) throws IOException, SQLException {
        requireAdmin(request);
        int limit = limit(request.getParameter("limit"));
        // One more than asked for tells whether there is a next page.
        List<Account> found = accounts.list(after(request.getParameter("after")), limit + 1);
        List<Account> page = found.subList(0, Math.min(limit, found.size()));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("users", page.stream().map(Account::toAdminJson).toList());
        json.put("next", found.size() > limit ? page.get(limit - 1).id() : null);
        Json.send(response, 200, json);
    }

    private void change(HttpServletRequest request, HttpServletResponse response, String id)
            throws IOException, SQLException {
        requireAdmin(request);
        UUID account = Input.id(id);
        ObjectNode body = Json.readObject(request, bodies);
        Optional<List<String>> roles = Input.roles(body);
        Optional<Boolean> disabled = Input.flag(body, "disabled");
        if (roles.isEmpty() && disabled.isEmpty()) {
            throw Input.invalid("Send \"roles\" or \"disabled\" or both.");
        }
        Account changed = accounts.change(account, roles.orElse(null), disabled.orElse(null))
                .orElseThrow(() -> new ProblemException(ErrorCode.NOT_FOUND, "There is no such user."));
        Json.send(response, 200, changed.toAdminJson());
    }

    private static void requireAdmin(HttpServletRequest request) {
        Caller caller = SessionCaller.requireAnybody(request);
        if (!caller.hasRole(Caller.ADMIN) || !caller.mayWrite()) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "This needs the role " + Caller.ADMIN + ".");
        }
    }

    private static int limit(@Nullable String text) {
        try {
            int limit = text == null ? LIMIT : Integer.parseInt(text);
            if (limit >= 1 && limit <= LIMIT_MOST) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw Input.invalid("\"limit\" is a number from 1 to " + LIMIT_MOST + ".");
    }

    private static @Nullable UUID after(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw Input.invalid("\"after\" is the \"next\" of a page.");
        }
    }
}
