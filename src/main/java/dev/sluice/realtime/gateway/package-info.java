/** The plain gateway: what one says is told to all. */
@NullMarked
package dev.sluice.realtime.gateway;

import org.jspecify.annotations.NullMarked;
