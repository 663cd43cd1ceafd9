/** Query results of any size, out over HTTP with flat memory. */
@NullMarked
package dev.sluice.export;

import org.jspecify.annotations.NullMarked;
