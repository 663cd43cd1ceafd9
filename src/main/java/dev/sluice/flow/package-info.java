/** The ways for bytes to move; knows no servlet but in the pump's one adapter. */
@NullMarked
package dev.sluice.flow;

import org.jspecify.annotations.NullMarked;
