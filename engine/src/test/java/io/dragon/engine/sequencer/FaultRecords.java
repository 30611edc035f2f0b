package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;

/** The records of faults as the wire tells them, before and after a snapshot. */
abstract class FaultRecords {
    final Rig rig = new Rig();

    record Seen(
            IncidentKind kind,
            IncidentRule rule,
            PartyKind subjectKind,
            int subjectId,
            String name,
            long detectedMs,
            long moved,
            long retried,
            long repeated,
            String text) {}

    static Seen of(
            final IncidentKind kind,
            final IncidentRule rule,
            final Peer subject,
            final long detectedMs,
            final long moved,
            final long retried,
            final long repeated,
            final String text) {
        return subject == null
                ? new Seen(kind, rule, PartyKind.NULL_VAL, 0, "", detectedMs, moved, retried, repeated, text)
                : new Seen(
                        kind, rule, subject.kind, subject.id, subject.name, detectedMs, moved, retried, repeated, text);
    }

    List<Seen> seen() {
        final List<Seen> before = pages();
        rig.restart();
        assertEquals(before, pages());
        return before;
    }

    List<Seen> pages() {
        final List<Seen> all = new ArrayList<>();
        long after = 0;
        boolean hasMore = true;
        while (hasMore) {
            rig.command(Messages.query(4, (int) after));
            final IncidentPageDecoder page = rig.lastReply().as(new IncidentPageDecoder());
            hasMore = page.hasMore() == 1;
            for (final IncidentPageDecoder.IncidentsDecoder incident : page.incidents()) {
                assertEquals(after == 0 ? incident.number() : after + 1, incident.number());
                after = incident.number();
                assertTrue(incident.timeMs() <= incident.lastMs());
                all.add(new Seen(
                        incident.kind(),
                        incident.rule(),
                        incident.subjectKind(),
                        (int) incident.subjectId(),
                        incident.name(),
                        incident.detectedMs(),
                        incident.moved(),
                        incident.retried(),
                        incident.repeated(),
                        incident.text()));
            }
            assertEquals(page.total(), rig.sequencer.core().incidents.newest());
        }
        return all;
    }

    void expect(final Seen... incidents) {
        assertEquals(List.of(incidents), seen());
        assertEquals(incidents.length, rig.summary().incidents());
    }
}
