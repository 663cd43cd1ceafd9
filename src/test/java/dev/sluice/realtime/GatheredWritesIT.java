package dev.sluice.realtime;

/** Bursts as they are written to the container's own objects. */
class GatheredWritesIT extends Bursts {
    GatheredWritesIT() {
        super(true);
    }
}
