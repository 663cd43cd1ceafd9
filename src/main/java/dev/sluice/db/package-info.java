/** The state database: its pool and its migrations. */
@NullMarked
package dev.sluice.db;

import org.jspecify.annotations.NullMarked;
