package io.dragon.engine.cluster;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.ReportIncidentEncoder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Tells the sequencer that this process had lost its media driver, and that there is one again: as soon as a party of the session can
 * that may report incidents. Losses that could not be told one by one are told as the first of them, with their number.
 */
final class DriverLossReport {
    private static final long UNKNOWN = -1;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ReportIncidentEncoder report = new ReportIncidentEncoder();
    private DriverWatch.Loss loss;
    private long detectedMs;
    private long lostNs;
    private int count;
    private boolean isLossTold;

    void onLost(final DriverWatch.Loss loss, final long detectedMs, final long nowNs) {
        if (count++ == 0) {
            this.loss = loss;
            this.detectedMs = detectedMs;
            lostNs = nowNs;
        }
    }

    /** Only while connected. */
    int poll(final Party[] parties, final long nowNs) {
        if (count == 0) {
            return 0;
        }
        for (final Party party : parties) {
            if (mayReport(party.kind()) && party.isActive()) {
                return tell(party, nowNs);
            }
        }
        return 0;
    }

    private static boolean mayReport(final PartyKind kind) {
        return kind == PartyKind.NODE || kind == PartyKind.MASTER || kind == PartyKind.WORKER;
    }

    private int tell(final Party party, final long nowNs) {
        if (!isLossTold) {
            final String times = count == 1 ? "" : ", " + count + " times";
            isLossTold = offer(party, IncidentKind.DRIVER_LOST, loss.rule(), detectedMs, loss.text() + times);
        }
        final String away = "connected again after " + (nowNs - lostNs) / 1_000_000 + " ms";
        if (isLossTold && offer(party, IncidentKind.DRIVER_RETURNED, IncidentRule.PROBE_SUCCEEDED, UNKNOWN, away)) {
            count = 0;
            isLossTold = false;
        }
        return 1;
    }

    private boolean offer(
            final Party party,
            final IncidentKind kind,
            final IncidentRule rule,
            final long detectedMs,
            final String text) {
        report.wrapAndApplyHeader(buffer, 0, header)
                .kind(kind)
                .rule(rule)
                .subjectId(party.id() & 0xFFFF_FFFFL)
                .detectedMs(detectedMs)
                .moved(0)
                .text(text);
        return party.offer(buffer, ControlMessages.HEADER + report.encodedLength()) > 0;
    }
}
