package dev.sluice.auth;

import dev.sluice.db.Database;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.ProblemException;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Personal API keys, {@code sluice_<prefix>_<secret>}: the prefix finds a key, the hash of the whole proves it. They act
 * for their account, with no more than its roles of now. Thread-safe.
 */
final class ApiKeys {
    static final String START = "sluice_";
    /** Keys of one account. */
    static final int MOST = 50;

    private static final Pattern FORM = Pattern.compile(START + "([0-9a-f]{12})_[A-Za-z0-9_-]{43}");
    /** The last use is noted no more often than this. */
    private static final Duration NOTED = Duration.ofMinutes(1);

    private final Database database;
    private final InstantSource clock;

    ApiKeys(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** What somebody asks for. */
    record Wanted(String name, List<String> roles, boolean readOnly, Optional<Duration> lifetime) {}

    /** A new key; its text is known now and never again. */
    record Created(String text, Key key) {}

    /** A key as its owner sees it. */
    record Key(
            UUID id,
            String prefix,
            String name,
            List<String> roles,
            boolean readOnly,
            Instant createdAt,
            @Nullable Instant lastUsedAt,
            @Nullable Instant expiresAt) {
        static final String COLUMNS = "k.id, k.prefix, k.name AS key_name, k.roles AS key_roles, k.read_only,"
                + " k.created_at, k.last_used_at, k.expires_at";

        static Key read(ResultSet row) throws SQLException {
            return new Key(
                    row.getObject("id", UUID.class),
                    row.getString("prefix"),
                    row.getString("key_name"),
                    Sql.texts(row, "key_roles"),
                    row.getBoolean("read_only"),
                    Sql.instant(row, "created_at"),
                    Sql.instantOrNull(row, "last_used_at"),
                    Sql.instantOrNull(row, "expires_at"));
        }

        Map<String, Object> toJson() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("id", id);
            json.put("prefix", START + prefix);
            json.put("name", name);
            json.put("roles", roles);
            json.put("scope", scope());
            json.put("createdAt", createdAt.toString());
            json.put("lastUsedAt", lastUsedAt == null ? null : lastUsedAt.toString());
            json.put("expiresAt", expiresAt == null ? null : expiresAt.toString());
            return json;
        }

        String scope() {
            return readOnly ? "read" : "all";
        }
    }

    /** A key found by its prefix, not yet proven. */
    private record Candidate(Key key, boolean genuine, Account account) {}

    Created create(UUID account, Wanted wanted) throws SQLException {
        String prefix = HexFormat.of().formatHex(Secrets.random(6));
        String text = START + prefix + "_" + Secrets.newText();
        Instant now = clock.instant();
        UUID id = UUID.randomUUID();
        Instant end = wanted.lifetime().map(now::plus).orElse(null);
        String sql = "INSERT INTO sluice.api_key AS k (id, account, prefix, hash, name, roles, read_only, created_at,"
                + " expires_at) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?"
                + " WHERE (SELECT count(*) FROM sluice.api_key WHERE account = ?) < " + MOST
                + " RETURNING " + Key.COLUMNS;
        Optional<Key> key = database.call(c -> Sql.first(
                c,
                sql,
                Key::read,
                id,
                account,
                prefix,
                Secrets.hash(text),
                wanted.name(),
                wanted.roles(),
                wanted.readOnly(),
                now,
                end,
                account));
        return new Created(text, key.orElseThrow(ApiKeys::tooMany));
    }

    List<Key> list(UUID account) throws SQLException {
        String sql = "SELECT " + Key.COLUMNS + " FROM sluice.api_key k WHERE account = ? ORDER BY created_at, id";
        return database.call(c -> Sql.list(c, sql, Key::read, account));
    }

    /** Answers whether the account had this key. */
    boolean delete(UUID account, UUID id) throws SQLException {
        String sql = "DELETE FROM sluice.api_key WHERE id = ? AND account = ?";
        return database.call(c -> Sql.update(c, sql, id, account)) > 0;
    }

    /**
     * The caller a key acts for.
     *
     * @throws ProblemException 401 when it is unknown or expired, or its account disabled
     */
    Caller authenticate(String text) throws SQLException {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw Refusal.invalid();
        }
        Candidate found = find(form.group(1), Secrets.hash(text)).orElseThrow(Refusal::invalid);
        if (!found.genuine() || found.account().disabled()) {
            throw Refusal.invalid();
        }
        if (isExpired(found.key())) {
            throw Refusal.expired();
        }
        noteUse(found.key());
        return caller(found.key(), found.account());
    }

    /** Whether a key would still be accepted. */
    boolean isAlive(UUID id) throws SQLException {
        String sql = "SELECT 1 FROM sluice.api_key k JOIN sluice.account a ON a.id = k.account WHERE k.id = ?"
                + " AND NOT a.disabled AND (k.expires_at IS NULL OR k.expires_at > ?)";
        return database.call(
                c -> !Sql.list(c, sql, row -> "", id, clock.instant()).isEmpty());
    }

    private Optional<Candidate> find(String prefix, byte[] hash) throws SQLException {
        String sql = "SELECT " + Key.COLUMNS + ", k.hash, " + Account.COLUMNS
                + " FROM sluice.api_key k JOIN sluice.account a ON a.id = k.account WHERE k.prefix = ?";
        return database.call(c -> Sql.first(
                c,
                sql,
                row -> new Candidate(
                        Key.read(row), MessageDigest.isEqual(hash, row.getBytes("hash")), Account.read(row)),
                prefix));
    }

    private boolean isExpired(Key key) {
        return key.expiresAt() != null && !key.expiresAt().isAfter(clock.instant());
    }

    private void noteUse(Key key) throws SQLException {
        Instant now = clock.instant();
        if (key.lastUsedAt() == null || key.lastUsedAt().isBefore(now.minus(NOTED))) {
            database.call(c -> Sql.update(c, "UPDATE sluice.api_key SET last_used_at = ? WHERE id = ?", now, key.id()));
        }
    }

    private static Caller caller(Key key, Account account) {
        List<String> roles =
                key.roles().stream().filter(account.roles()::contains).toList();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", account.subject());
        claims.put("name", account.name());
        claims.put("roles", roles);
        claims.put("email", account.email());
        claims.put("key", key.id().toString());
        claims.put("scope", key.scope());
        return new Caller(account.subject(), account.name(), Set.copyOf(roles), claims);
    }

    private static ProblemException tooMany() {
        return new ProblemException(ErrorCode.LIMIT_REACHED, "An account may have " + MOST + " keys; delete one.");
    }
}
