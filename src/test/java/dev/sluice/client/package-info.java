/** Tests of the client library against a real server. */
@NullMarked
package dev.sluice.client;

import org.jspecify.annotations.NullMarked;
