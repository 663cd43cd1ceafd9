package dev.sluice.export;

import dev.sluice.auth.Caller;
import dev.sluice.export.Dataset.Relation;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import dev.sluice.settings.DatasetSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the declared datasets with their database when a node starts: a typing error is told then, in one line each,
 * and not by a client's failure. It refuses nothing, for a table may be made later. Used once.
 */
final class DatasetChecks {
    private static final Logger LOG = LoggerFactory.getLogger(DatasetChecks.class);
    /** A table that somebody holds locked, and a database that is slow, must not hold up the start. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final ExportDatabase database;
    private final Optional<String> rlsRole;
    private final InstantSource clock;

    DatasetChecks(ExportDatabase database, Optional<String> rlsRole, InstantSource clock) {
        this.database = database;
        this.rlsRole = rlsRole;
        this.clock = clock;
    }

    /** @param datasets those of this database */
    void run(List<Dataset> datasets) {
        Instant deadline = clock.instant().plus(LONGEST);
        try (CatalogueSession session = new CatalogueSession()) {
            boolean roleIsGood = checkRole(session);
            for (Dataset dataset : datasets) {
                if (clock.instant().isAfter(deadline)) {
                    LOG.warn("The datasets from {} on are not checked: the database takes too long", dataset.name());
                    return;
                }
                if (roleIsGood || !dataset.rls()) {
                    problem(session, dataset)
                            .ifPresent(problem -> LOG.warn("The dataset {}: {}", dataset.name(), problem));
                }
            }
        } catch (SQLException e) {
            LOG.warn("The datasets cannot be checked: {}", firstLine(e));
        }
    }

    private boolean checkRole(CatalogueSession session) throws SQLException {
        if (rlsRole.isEmpty()) {
            return true;
        }
        try {
            PinnedSession.become(session.begin(database), rlsRole.get(), Caller.anonymous());
            return true;
        } catch (ProblemException e) {
            LOG.warn(
                    "{} (it is {}) Make it and grant it to the role of Sluice's connections; until then datasets with"
                            + " rls=true answer with an error",
                    e.detail(),
                    rlsRole.get());
            return false;
        }
    }

    private Optional<String> problem(CatalogueSession session, Dataset dataset) throws SQLException {
        try {
            Connection connection = session.begin(database);
            if (dataset.rls()) {
                PinnedSession.become(connection, rlsRole.orElseThrow(), Caller.anonymous());
            }
            return problem(connection, dataset);
        } catch (ProblemException e) {
            return Optional.of(e.detail());
        } catch (SQLException e) {
            if (Problem.isConnectionLoss(e)) {
                throw e;
            }
            return Optional.of("the database cannot describe it: " + firstLine(e));
        }
    }

    private static Optional<String> problem(Connection connection, Dataset dataset) throws SQLException {
        Optional<List<String>> there = Describer.columnNames(connection, dataset);
        if (there.isEmpty()) {
            return Optional.of("there is no table " + ((Relation.Table) dataset.from()).name()
                    + "; correct table=, or make it (requests get 404 until then)");
        }
        List<String> missing = dataset.columns().stream()
                .map(DatasetSettings.Column::name)
                .filter(column -> !there.get().contains(column))
                .toList();
        if (!missing.isEmpty()) {
            return Optional.of("there is no column " + String.join(", ", missing)
                    + "; correct columns=, or add it to the" + " table (requests get 500 until then)");
        }
        Describer.describe(connection, dataset);
        return Optional.empty();
    }

    private static String firstLine(SQLException error) {
        return String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    }
}
