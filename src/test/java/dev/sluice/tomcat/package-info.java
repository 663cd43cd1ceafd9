/** Sluice in a stock Tomcat, as an operator installs it. */
@NullMarked
package dev.sluice.tomcat;

import org.jspecify.annotations.NullMarked;
