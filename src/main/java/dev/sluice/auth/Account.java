package dev.sluice.auth;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A person who signs in here. Immutable. */
record Account(UUID id, String email, String name, List<String> roles, boolean disabled, Instant createdAt) {
    static final String COLUMNS = "a.id AS account_id, a.email, a.name, a.roles, a.disabled, a.created_at AS joined_at";

    static Account read(ResultSet row) throws SQLException {
        return new Account(
                row.getObject("account_id", UUID.class),
                row.getString("email"),
                row.getString("name"),
                Sql.texts(row, "roles"),
                row.getBoolean("disabled"),
                Sql.instant(row, "joined_at"));
    }

    String subject() {
        return id.toString();
    }

    /** What the person may see of it. */
    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("email", email);
        json.put("name", name);
        json.put("roles", roles);
        return json;
    }

    /** What admins may see of it. */
    Map<String, Object> toAdminJson() {
        Map<String, Object> json = toJson();
        json.put("disabled", disabled);
        json.put("createdAt", createdAt.toString());
        return json;
    }
}
