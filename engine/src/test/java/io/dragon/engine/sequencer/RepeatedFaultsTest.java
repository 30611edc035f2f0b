package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The same faults again and again: they are counted, and nobody drives out the records of others. */
class RepeatedFaultsTest extends FaultRecords {
    @Test
    void shouldLetNobodyDriveOutTheRecordsOfOthersByReportsThatSayAnotherThingEachTime() {
        final Peer node = rig.node("n@host");
        final Peer worker = rig.worker("w", "t");
        final Peer stranger = rig.worker("v@other", "t");
        final IncidentKind kind = IncidentKind.LINK_CHANGED;
        final IncidentRule rule = IncidentRule.LINK_PROBE;
        node.send(Messages.incident(IncidentKind.WORKER_KILLED, rule, worker.id, 1, 0, "the one that matters"));
        for (int i = 1; i <= 1_000; i++) {
            node.send(Messages.incident(kind, rule, 0, i, 1, "link " + i));
            worker.send(Messages.incident(kind, rule, node.id, i, 0, "of whom " + i));
            node.send(Messages.incident(kind, rule, stranger.id, i, 0, "of another host " + i));
        }
        final List<Seen> all = seen();
        assertEquals(1 + 2 * Incidents.MOST_REPORTED, all.size());
        assertEquals("the one that matters", all.get(0).text());
        assertEquals(
                Incidents.MOST_REPORTED,
                all.stream().filter(each -> each.subjectId() == worker.id).count() - 1);
        assertEquals(
                0, all.stream().filter(each -> each.subjectId() == stranger.id).count());
        assertEquals(
                3_000 - 2 * Incidents.MOST_REPORTED,
                all.stream().mapToLong(Seen::repeated).sum());
        assertEquals(1_000, all.stream().mapToLong(Seen::moved).sum());
    }

    @Test
    void shouldShowEveryRecordOnceOverManyPagesAndOnlyThoseAfterANumber() {
        final Peer node = rig.node("\u20ac".repeat(16));
        final Core core = rig.sequencer.core();
        for (int i = 1; i <= 300; i++) {
            final String text = "\u20ac".repeat(40) + i;
            core.incidents.record(
                    IncidentKind.LINK_CHANGED, IncidentRule.LINK_PROBE, core.parties.get(node.id), i, 0, 0, text);
        }
        final List<Seen> all = seen();
        assertEquals(256, all.size());
        assertEquals(45, all.get(0).detectedMs());
        assertEquals(300, all.get(255).detectedMs());
        rig.command(Messages.query(4, 299));
        final IncidentPageDecoder page = rig.lastReply().as(new IncidentPageDecoder());
        assertEquals(0, page.hasMore());
        assertEquals(300, page.total());
        assertEquals(1, page.incidents().count());
        rig.command(Messages.query(4, 300));
        assertEquals(
                0, rig.lastReply().as(new IncidentPageDecoder()).incidents().count());
        rig.command(Messages.query(4, -1));
        assertEquals(
                0, rig.lastReply().as(new IncidentPageDecoder()).incidents().count());
    }

    @Test
    void shouldFoldFailuresOfTwoTypesThatAlternate() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t", "u");
        for (int i = 0; i < 100; i++) {
            client.submit(Messages.task().type(1 + i % 2).attempts(1));
            worker.fail(worker.take(), Reason.HANDLER_FAILED);
        }
        final List<Seen> all = seen();
        assertEquals(2, all.size());
        assertEquals(49, all.get(0).repeated());
        assertEquals(49, all.get(1).repeated());
    }

    @Test
    void shouldTellAFailureAnewWhenTheLastOfItsKindIsLongAgo() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t", "u");
        for (int i = 0; i < 4; i++) {
            client.submit(Messages.task().type(1 + i % 2).attempts(1));
            worker.fail(worker.take(), Reason.HANDLER_FAILED);
            rig.pass(61_000, client, worker);
        }
        assertEquals(4, seen().size());
    }

    @Test
    void shouldFoldProcessesThatFightForOneName() {
        final Peer client = rig.client("c");
        client.send(Messages.type("t"));
        client.submit(Messages.task());
        for (int i = 0; i <= 100; i++) {
            rig.worker("w", "t");
            rig.pass(50, client);
        }
        final List<Seen> all = seen();
        assertEquals(IncidentKind.PARTY_REPLACED, all.get(0).kind());
        assertEquals(
                1,
                all.stream()
                        .filter(seen -> seen.kind() == IncidentKind.PARTY_REPLACED)
                        .count());
        assertTrue(all.get(0).repeated() >= 99, all::toString);
    }

    @Test
    void shouldFoldThePoolsOfOneDeadOwner() {
        final Peer node = rig.node("n@host");
        final Peer client = rig.client("c");
        client.send(Messages.type("t"));
        final Peer other = rig.client("other");
        for (int i = 0; i < 10; i++) {
            client.send(Messages.pool(0xC0 + i));
            for (int k = 0; k <= i % 3; k++) {
                other.submit(Messages.task().inputs(new Messages.Frame(0xC0 + i, 1, k, 10)));
            }
        }
        node.send(Messages.dead(client.id, client.incarnation, 20));
        for (int i = 0; i < 10; i++) {
            node.send(Messages.orphaned(0xC0 + i));
        }
        final List<Seen> all = seen();
        assertEquals(2, all.size());
        assertEquals(9, all.get(1).repeated());
    }
}
