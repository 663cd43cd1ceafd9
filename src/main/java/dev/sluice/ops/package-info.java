/** Health, metrics and statistics for operators. */
@NullMarked
package dev.sluice.ops;

import org.jspecify.annotations.NullMarked;
