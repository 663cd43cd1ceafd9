/** Events over HTTP, for {@code EventSource}. */
@NullMarked
package dev.sluice.realtime.sse;

import org.jspecify.annotations.NullMarked;
