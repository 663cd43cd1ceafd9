package dev.sluice.export;

import dev.sluice.auth.Caller;
import dev.sluice.http.ErrorCode;
import dev.sluice.http.Json;
import dev.sluice.http.PageRequest;
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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /api/export}: what the caller may read, a page at a time. As many at once as the pools have connections to
 * spare, so that listing never takes one from an export. Thread-safe.
 */
final class CatalogueServlet {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogueServlet.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Catalogue catalogue;
    private final Optional<String> rlsRole;
    private final Semaphore places = new Semaphore(ExportDatabase.SPARE, true);

    /** @param rlsRole as whom datasets with row-level security are described */
    CatalogueServlet(Catalogue catalogue, Optional<String> rlsRole) {
        this.rlsRole = rlsRole;
        this.catalogue = catalogue;
    }

    void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        RequestParameters parameters = RequestParameters.parse(request.getQueryString());
        PageRequest page = PageRequest.of(parameters.single("limit"), parameters.single("after"));
        response.setHeader("Cache-Control", "no-store");
        takePlace();
        try (CatalogueSession session = new CatalogueSession()) {
            Json.send(response, 200, list(session, Caller.of(request), page));
        } catch (SQLException e) {
            throw SqlErrors.of(e);
        } finally {
            places.release();
        }
    }

    private void takePlace() {
        try {
            if (places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ProblemException(ErrorCode.BUSY, "Others are reading the catalogue; try again.").retryAfter(2);
    }

    private Map<String, Object> list(CatalogueSession session, Caller caller, PageRequest page) throws SQLException {
        List<Dataset> found = catalogue.list(session, caller, page.after().orElse(""), page.lookFor());
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Dataset dataset : page.cut(found)) {
            describe(session, dataset, caller).ifPresent(description -> entries.add(entry(dataset, description)));
        }
        return page.toJson("datasets", entries, found, Dataset::name);
    }

    /** One dataset that its database cannot describe does not hide the others; a database that is away does. */
    private Optional<Description> describe(CatalogueSession session, Dataset dataset, Caller caller)
            throws SQLException {
        Connection connection = session.begin(dataset.database());
        try {
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
        } catch (ProblemException e) {
            LOG.warn("The dataset {} cannot be described: {}", dataset.name(), e.detail());
            return Optional.empty();
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
