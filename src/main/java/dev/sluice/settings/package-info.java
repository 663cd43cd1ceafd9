/** The typed settings, shared by launcher and application. Knows the JDK only. */
@NullMarked
package dev.sluice.settings;

import org.jspecify.annotations.NullMarked;
