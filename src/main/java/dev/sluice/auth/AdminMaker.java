package dev.sluice.auth;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** Makes admins for the operator, who has the database and therefore every right. Thread-safe. */
final class AdminMaker {
    private final Accounts accounts;
    private final Passwords passwords;

    AdminMaker(Accounts accounts, Passwords passwords) {
        this.accounts = accounts;
        this.passwords = passwords;
    }

    void make(String address, String password) throws SQLException {
        String email = address.strip().toLowerCase(Locale.ROOT);
        if (!Input.isEmail(email)) {
            throw Input.invalid(address + " is not an e-mail address.");
        }
        if (!Input.isPassword(password)) {
            throw Input.invalid("The password " + Input.PASSWORD_RULE);
        }
        String hash = passwords.hash(password);
        if (accounts.promote(email, hash).isEmpty()) {
            String name = email.substring(0, email.indexOf('@'));
            accounts.add(email, name, hash, List.of(Caller.ADMIN));
        }
    }
}
