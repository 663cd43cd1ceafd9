package dev.sluice.export;

import dev.sluice.auth.Caller;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.Problem;
import dev.sluice.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /api/export}: what the caller may read, a page at a time. Thread-safe. */
final class CatalogueServlet {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogueServlet.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int DEFAULT_PAGE = 100;
    private static final int LARGEST_PAGE = 1000;

    private final Catalogue catalogue;
    private final ExportDatabase database;
    private final Optional<String> rlsRole;

    /**
     * @param database where the schemas are
     * @param rlsRole as whom datasets with row-level security are described
     */
    CatalogueServlet(Catalogue catalogue, ExportDatabase database, Optional<String> rlsRole) {
        this.rlsRole = rlsRole;
        this.catalogue = catalogue;
        this.database = database;
    }

    void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        RequestParameters parameters = RequestParameters.parse(request.getQueryString());
        int limit = limit(parameters);
        String after = parameters.single("after").orElse("");
        response.setHeader("Cache-Control", "no-store");
        try {
            Json.send(response, 200, page(Caller.of(request), after, limit));
        } catch (SQLException e) {
            throw SqlErrors.of(e);
        }
    }

    private static int limit(RequestParameters parameters) {
        String text = parameters.single("limit").orElse(Integer.toString(DEFAULT_PAGE));
        try {
            int limit = Integer.parseInt(text);
            if (limit > 0 && limit <= LARGEST_PAGE) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // told below, as a number out of range is
        }
        throw new ProblemException(
                ErrorCode.INVALID_VALUE, "\"limit\" takes a whole number from 1 to " + LARGEST_PAGE + ".");
    }

    private Map<String, Object> page(Caller caller, String after, int limit) throws SQLException {
        List<Dataset> datasets = names(caller, after, limit);
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Dataset dataset : datasets) {
            describe(dataset, caller).ifPresent(description -> entries.add(entry(dataset, description)));
        }
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("datasets", entries);
        page.put("next", next(datasets, limit));
        return page;
    }

    private static @Nullable String next(List<Dataset> datasets, int limit) {
        return datasets.size() < limit ? null : datasets.get(limit - 1).name();
    }

    private List<Dataset> names(Caller caller, String after, int limit) throws SQLException {
        try (Connection connection = database.connection()) {
            PinnedSession.begin(connection, TIMEOUT);
            List<Dataset> datasets = catalogue.list(connection, caller, after, limit);
            connection.rollback();
            return datasets;
        }
    }

    /** One dataset that its database cannot describe does not hide the others. */
    private Optional<Description> describe(Dataset dataset, Caller caller) throws SQLException {
        try (Connection connection = dataset.database().connection()) {
            try {
                PinnedSession.begin(connection, TIMEOUT);
                if (dataset.rls()) {
                    PinnedSession.become(connection, rlsRole.orElseThrow(), caller);
                }
                return catalogue.describe(connection, dataset);
            } catch (SQLException e) {
                if (Problem.isConnectionLoss(e)) {
                    throw e;
                }
                LOG.warn("The dataset {} cannot be described: {}", dataset.name(), e.getMessage());
                return Optional.empty();
            } finally {
                connection.rollback();
            }
        }
    }

    private static Map<String, Object> entry(Dataset dataset, Description description) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", dataset.name());
        entry.put(
                "columns",
                description.columns().stream().map(CatalogueServlet::column).toList());
        entry.put("key", description.key().stream().map(Column::name).toList());
        entry.put("formats", Arrays.stream(Format.values()).map(Format::suffix).toList());
        entry.put("estimatedRows", description.estimatedRows());
        entry.put(
                "parameters",
                dataset.parameters().stream()
                        .map(p -> Map.of(
                                "name", p.name(),
                                "type", p.type(),
                                "required", p.defaultValue().isEmpty()))
                        .toList());
        return entry;
    }

    private static Map<String, Object> column(Column column) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", column.name());
        entry.put("jsonName", column.jsonName());
        entry.put("type", column.type());
        return entry;
    }
}
