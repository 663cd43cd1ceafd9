package dev.sluice.export;

/** A field is not what the binary format of its type says; the server's and our idea of the type differ. */
final class MalformedFieldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedFieldException(String what) {
        super("Not PostgreSQL's binary format: " + what);
    }
}
