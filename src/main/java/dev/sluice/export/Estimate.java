package dev.sluice.export;

/**
 * What the planner expects of a statement. Immutable.
 *
 * @param start cost until the first row
 * @param total cost until the last one
 * @param rows how many there are
 * @param width bytes of one
 */
record Estimate(double start, double total, long rows, int width) {
    static final Estimate NONE = new Estimate(0, 0, 0, 0);
}
