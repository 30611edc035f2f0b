package io.dragon.engine.cluster;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.MessageHeaderEncoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.ReportIncidentEncoder;
import java.util.ArrayDeque;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Tells the sequencer that this process had lost its media driver, and that there is one again: as soon as a party of the session can
 * that may report incidents. Kept until the sequencer has it: who comes back after a long outage finds that it was fenced meanwhile, and
 * what it had said before that is lost. Losses without a connection between them are told as the first of them, with their number.
 */
final class DriverLossReport {
    private static final long UNKNOWN = -1;

    /** More of them, while no master takes any, count as the last one again. */
    private static final int MOST_OUTAGES = 16;

    private static final class Outage {
        private final DriverWatch.Loss loss;
        private final long detectedMs;
        private final long lostNs;
        private int times = 1;
        private long awayMs = UNKNOWN;
        private long lossSeq;
        private long returnSeq;
        private boolean isLossTold;
        private boolean isReturnTold;

        private Outage(final DriverWatch.Loss loss, final long detectedMs, final long lostNs) {
            this.loss = loss;
            this.detectedMs = detectedMs;
            this.lostNs = lostNs;
        }

        private void onAcknowledged(final long acknowledgedSeq) {
            isLossTold |= lossSeq > 0 && lossSeq <= acknowledgedSeq;
            isReturnTold |= returnSeq > 0 && returnSeq <= acknowledgedSeq;
        }

        /** What is not known to have got through is told again. */
        private void forgetUntold() {
            lossSeq = isLossTold ? lossSeq : 0;
            returnSeq = isReturnTold ? returnSeq : 0;
        }

        private boolean isTold() {
            return isLossTold && isReturnTold;
        }
    }

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Party.MAX_LENGTH]);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final ReportIncidentEncoder report = new ReportIncidentEncoder();
    private final ArrayDeque<Outage> outages = new ArrayDeque<>();
    private Party teller;
    private int tellerId;
    private int tellerIncarnation;

    void onLost(final DriverWatch.Loss loss, final long detectedMs, final long nowNs) {
        final Outage last = outages.peekLast();
        if (last != null && (last.awayMs == UNKNOWN || outages.size() == MOST_OUTAGES)) {
            last.times++;
        } else {
            outages.add(new Outage(loss, detectedMs, nowNs));
        }
    }

    /** Only while connected. */
    int poll(final Party[] parties, final long nowNs) {
        if (outages.isEmpty()) {
            return 0;
        }
        final Outage last = outages.peekLast();
        if (last.awayMs == UNKNOWN) {
            last.awayMs = (nowNs - last.lostNs) / 1_000_000;
        }
        for (final Party party : parties) {
            if (mayReport(party.kind()) && party.isActive()) {
                return tell(party);
            }
        }
        return 0;
    }

    private static boolean mayReport(final PartyKind kind) {
        return kind == PartyKind.NODE || kind == PartyKind.MASTER || kind == PartyKind.WORKER;
    }

    private int tell(final Party party) {
        final boolean isSame = party == teller && party.id() == tellerId;
        if (isSame && party.incarnation() == tellerIncarnation + 1) {
            outages.forEach(outage -> outage.onAcknowledged(party.seqBefore()));
        }
        if (!isSame
                || party.incarnation() != tellerIncarnation) { // whoever came between has had numbers of that name, too
            outages.forEach(Outage::forgetUntold);
        }
        teller = party;
        tellerId = party.id();
        tellerIncarnation = party.incarnation();
        int workCount = 0;
        for (final Outage outage : outages) {
            workCount += tell(party, outage);
            outage.onAcknowledged(party.acknowledgedSeq());
        }
        while (!outages.isEmpty() && outages.peek().isTold()) {
            outages.poll();
            workCount++;
        }
        return workCount;
    }

    private int tell(final Party party, final Outage outage) {
        int workCount = 0;
        if (outage.lossSeq == 0) {
            final String times = outage.times == 1 ? "" : ", " + outage.times + " times";
            outage.lossSeq = offer(
                    party, IncidentKind.DRIVER_LOST, outage.loss.rule(), outage.detectedMs, outage.loss.text() + times);
            workCount += outage.lossSeq > 0 ? 1 : 0;
        }
        if (outage.lossSeq > 0 && outage.returnSeq == 0) {
            outage.returnSeq = offer(
                    party,
                    IncidentKind.DRIVER_RETURNED,
                    IncidentRule.PROBE_SUCCEEDED,
                    UNKNOWN,
                    "connected again after " + outage.awayMs + " ms");
            workCount += outage.returnSeq > 0 ? 1 : 0;
        }
        return workCount;
    }

    /** The number of the command; 0 when it was not taken. */
    private long offer(
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
        return Math.max(0, party.offer(buffer, ControlMessages.HEADER + report.encodedLength()));
    }
}
