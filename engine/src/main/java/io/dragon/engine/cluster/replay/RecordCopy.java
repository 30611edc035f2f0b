package io.dragon.engine.cluster.replay;

import io.dragon.engine.sequencer.RecordSink;
import io.dragon.engine.sequencer.Sequencer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;

/** Takes each record of a snapshot straight into another sequencer. */
final class RecordCopy implements RecordSink {
    private final ExpandableArrayBuffer record = new ExpandableArrayBuffer();
    private final Sequencer target;

    RecordCopy(final Sequencer target) {
        this.target = target;
    }

    @Override
    public MutableDirectBuffer claim(final int maxLength) {
        record.checkLimit(maxLength);
        return record;
    }

    @Override
    public void commit(final int length) {
        target.load(record, 0, length);
    }
}
