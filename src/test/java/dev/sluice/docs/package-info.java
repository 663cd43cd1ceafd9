/** Tests that hold the documentation to what the program does. */
@NullMarked
package dev.sluice.docs;

import org.jspecify.annotations.NullMarked;
