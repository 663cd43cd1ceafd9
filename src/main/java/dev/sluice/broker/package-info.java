/** Where publications get their order and are kept: one interface, and a place for each way to keep them. */
@NullMarked
package dev.sluice.broker;

import org.jspecify.annotations.NullMarked;
