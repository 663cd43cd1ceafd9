/** What tests share: a real database, a real server. */
@NullMarked
package dev.sluice.support;

import org.jspecify.annotations.NullMarked;
