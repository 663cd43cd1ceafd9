package dev.sluice.broker.postgres;

/** The sequencer on the PostgreSQL that Sluice carries. */
class SequencerIT extends SequencerContract {
    @Override
    BrokerDatabase database() {
        return BrokerDatabase.create();
    }
}
