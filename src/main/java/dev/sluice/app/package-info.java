/** The composition root and the one table of paths; the only place that sees all features. */
@NullMarked
package dev.sluice.app;

import org.jspecify.annotations.NullMarked;
