/** Publications of one process, in its memory. */
@NullMarked
package dev.sluice.broker.local;

import org.jspecify.annotations.NullMarked;
