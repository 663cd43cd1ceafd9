package dev.sluice.realtime;

/** Bursts as they are written where the container is made differently. */
class PublicWritesIT extends Bursts {
    PublicWritesIT() {
        super(false);
    }
}
