package dev.sluice.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.http.Json;
import dev.sluice.http.RequestBodies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What callers see and change of themselves: who they are, their password, their sessions, tickets. Thread-safe. */
final class MeHandlers {
    private static final int PASSWORD_MOST = 1000;

    private final Accounts accounts;
    private final Sessions sessions;
    private final SignIn signIn;
    private final Tickets tickets;
    private final RequestBodies bodies;

    MeHandlers(Accounts accounts, Sessions sessions, SignIn signIn, Tickets tickets, RequestBodies bodies) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.signIn = signIn;
        this.tickets = tickets;
        this.bodies = bodies;
    }

    void addTo(Endpoints endpoints) {
        endpoints
                .on("GET", "/me", (request, response, id) -> me(request, response))
                .on("POST", "/ticket", (request, response, id) -> issueTicket(request, response))
                .on("POST", "/password", (request, response, id) -> changePassword(request, response))
                .on("GET", "/sessions", (request, response, id) -> listSessions(request, response))
                .on("DELETE", "/sessions", (request, response, id) -> endOthers(request, response))
                .on("DELETE", "/sessions/{id}", this::endOne);
    }

    private void me(HttpServletRequest request, HttpServletResponse response) throws IOException, SQLException {
        Caller caller = SessionCaller.requireAnybody(request);
        Optional<SessionCaller> session = SessionCaller.find(caller);
        if (session.isPresent()) {
            Json.send(response, 200, accounts.get(session.get().account()).toJson());
        } else {
            Json.send(response, 200, toJson(caller));
        }
    }

    private void issueTicket(HttpServletRequest request, HttpServletResponse response)
            throws IOException, SQLException {
        String ticket = tickets.issue(SessionCaller.requireAnybody(request));
        Json.send(response, 200, Map.of("ticket", ticket, "expiresIn", Tickets.LIFETIME.toSeconds()));
    }

    private void changePassword(HttpServletRequest request, HttpServletResponse response)
            throws IOException, SQLException {
        SessionCaller caller = SessionCaller.require(request);
        ObjectNode body = Json.readObject(request, bodies);
        String current = Json.requireText(body, "currentPassword", PASSWORD_MOST);
        signIn.changePassword(caller.account(), caller.session(), current, Input.newPassword(body, "newPassword"));
        response.setStatus(204);
    }

    private void listSessions(HttpServletRequest request, HttpServletResponse response)
            throws IOException, SQLException {
        SessionCaller caller = SessionCaller.require(request);
        List<Map<String, Object>> list = sessions.list(caller.account()).stream()
                .map(session -> session.toJson(caller.session()))
                .toList();
        Json.send(response, 200, Map.of("sessions", list));
    }

    private void endOthers(HttpServletRequest request, HttpServletResponse response) throws SQLException {
        SessionCaller caller = SessionCaller.require(request);
        sessions.revokeOthers(caller.account(), caller.session());
        response.setStatus(204);
    }

    private void endOne(HttpServletRequest request, HttpServletResponse response, String id) throws SQLException {
        SessionCaller caller = SessionCaller.require(request);
        if (!sessions.revoke(caller.account(), Input.id(id))) {
            throw Input.notFound();
        }
        response.setStatus(204);
    }

    private static Map<String, Object> toJson(Caller caller) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", caller.subject());
        json.put("email", caller.claims().get("email"));
        json.put("name", caller.name());
        json.put("roles", caller.roles());
        return json;
    }
}
