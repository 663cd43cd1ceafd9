/** What every HTTP door shares: the error catalogue, JSON bodies, and the filters in front of everything. */
@NullMarked
package dev.sluice.http;

import org.jspecify.annotations.NullMarked;
