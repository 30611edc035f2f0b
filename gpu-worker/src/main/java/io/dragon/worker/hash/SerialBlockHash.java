package io.dragon.worker.hash;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A hash that completes each block before the next: nothing is left to do at the end of a run. */
abstract class SerialBlockHash extends BlockHash {
    DirectBuffer source;
    MutableDirectBuffer results;

    @Override
    public final void begin(final DirectBuffer source, final MutableDirectBuffer results) {
        this.source = source;
        this.results = results;
    }

    @Override
    public final void end() {
        abandon();
    }

    @Override
    public final void abandon() {
        source = null;
        results = null;
    }
}
