package dev.sluice.broker.postgres;

import java.sql.SQLException;

/** Makes sessions of one kind. Thread-safe. */
@FunctionalInterface
interface Sessions {
    Session open() throws SQLException;
}
