package dev.sluice.export;

import dev.sluice.flow.Buffer;

/** Writes one field, given in PostgreSQL's binary format, as text. Stateless and thread-safe. */
@FunctionalInterface
interface FieldEncoder {
    void encode(byte[] from, int offset, int length, Buffer out);
}
