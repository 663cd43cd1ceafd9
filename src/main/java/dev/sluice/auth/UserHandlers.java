package dev.sluice.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.PageRequest;
import dev.sluice.http.ProblemException;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What admins see and change of all accounts. Thread-safe. */
final class UserHandlers {
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
        PageRequest page = PageRequest.of(
                Optional.ofNullable(request.getParameter("limit")), Optional.ofNullable(request.getParameter("after")));
        List<Account> found = accounts.list(page.after().map(UserHandlers::id).orElse(null), page.lookFor());
        List<?> users = page.cut(found).stream().map(Account::toAdminJson).toList();
        Json.send(response, 200, page.toJson("users", users, found, Account::id));
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

    private static UUID id(String after) {
        try {
            return UUID.fromString(after);
        } catch (IllegalArgumentException e) {
            throw Input.invalid("\"after\" is the \"next\" of a page.");
        }
    }
}
