/** Publications of all nodes of one PostgreSQL, kept in it. */
@NullMarked
package dev.sluice.broker.postgres;

import org.jspecify.annotations.NullMarked;
