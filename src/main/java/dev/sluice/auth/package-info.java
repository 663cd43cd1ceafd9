/** Who is calling: passwords, tokens, tickets and API keys become a {@link dev.sluice.auth.Caller}. */
@NullMarked
package dev.sluice.auth;

import org.jspecify.annotations.NullMarked;
