/**
 * Sockets: the limits, the heartbeats, the sign-in and the end of each live connection. What is said on them is the
 * business of protocols, each in a package of its own below.
 */
@NullMarked
package dev.sluice.realtime;

import org.jspecify.annotations.NullMarked;
