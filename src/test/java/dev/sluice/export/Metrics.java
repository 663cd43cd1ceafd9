package dev.sluice.export;

import dev.sluice.support.TestServer;

/** What a server's {@code /metrics} tells. Stateless. */
final class Metrics {
    private Metrics() {}

    /** Exports that ended so, by the lane their rows came in. */
    static double exports(TestServer server, String end, Lane lane) {
        return value(server, "sluice_exports_total{end=\"" + end + "\",lane=\"" + lane.label() + "\"}");
    }

    /** The value of one series: its name, and its labels as they are printed. */
    static double value(TestServer server, String series) {
        return HttpReply.to(server.url(), "GET /metrics HTTP/1.1")
                .text()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .sum();
    }
}
