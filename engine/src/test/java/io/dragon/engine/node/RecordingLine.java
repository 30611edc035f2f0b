package io.dragon.engine.node;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.codecs.control.ReportIncidentDecoder;
import io.dragon.codecs.control.ReportWorkerDecoder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A node's line that notes what it is given, in words. */
final class RecordingLine implements HostLine {
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[1_344]);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ReportIncidentDecoder incident = new ReportIncidentDecoder();
    private final ReportWorkerDecoder worker = new ReportWorkerDecoder();
    final List<String> workers = new ArrayList<>();
    final List<String> incidents = new ArrayList<>();
    long seq;
    long acknowledged;
    long incarnation = 1;
    int room = Integer.MAX_VALUE;

    @Override
    public MutableDirectBuffer scratch() {
        return scratch;
    }

    @Override
    public long offer(final int length) {
        if (room == 0) {
            return -2;
        }
        room--;
        header.wrap(scratch, 0);
        if (header.templateId() == ReportWorkerDecoder.TEMPLATE_ID) {
            worker.wrapAndApplyHeader(scratch, 0, header);
            workers.add(worker.state() + " restarts=" + worker.restarts() + " waitMs=" + worker.waitMs() + " pid="
                    + worker.processId() + " " + worker.name() + ": " + worker.text());
        } else if (header.templateId() == ReportIncidentDecoder.TEMPLATE_ID) {
            incident.wrapAndApplyHeader(scratch, 0, header);
            final IncidentKind kind = incident.kind();
            incidents.add(kind + " " + incident.rule() + " " + incident.subjectId() + " " + incident.detectedMs()
                    + " ms " + incident.text());
        }
        return ++seq;
    }

    @Override
    public boolean tell(final int length) {
        return room > 0;
    }

    @Override
    public long acknowledgedSeq() {
        return acknowledged;
    }

    @Override
    public long incarnation() {
        return incarnation;
    }
}
