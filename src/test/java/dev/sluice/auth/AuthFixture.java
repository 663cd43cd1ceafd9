package dev.sluice.auth;

import dev.sluice.support.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A node with a database, a clock and a client of its own for each test class; anybody may register. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AuthFixture {
    static final String PASSWORD = "correct horse";

    final TestClock clock = new TestClock();
    final TestDatabase database = TestDatabase.create();
    AuthNode node;
    AuthClient client;

    Map<String, String> settings() {
        return Map.of("auth.registration", "true", "auth.signin-rate", "0");
    }

    @BeforeAll
    void startNode() throws Exception {
        node = AuthNode.start(database, clock, settings());
        client = new AuthClient(node.url());
    }

    @AfterAll
    void stopNode() throws Exception {
        node.close();
        database.close();
    }
}
