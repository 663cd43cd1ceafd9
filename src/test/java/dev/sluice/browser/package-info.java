/** The pages in a real browser, against a real server. */
@NullMarked
package dev.sluice.browser;

import org.jspecify.annotations.NullMarked;
