package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentPageDecoder;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One test a fault: what its record says, as the wire tells it, before and after a snapshot. */
class FaultsTest {
    private final Rig rig = new Rig();

    private record Seen(
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

    private static Seen of(
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

    private List<Seen> seen() {
        final List<Seen> before = pages();
        rig.restart();
        assertEquals(before, pages());
        return before;
    }

    private List<Seen> pages() {
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

    private void expect(final Seen... incidents) {
        assertEquals(List.of(incidents), seen());
        assertEquals(incidents.length, rig.summary().incidents());
    }

    @Test
    void shouldTellThatAWorkerDiedByItsLockAndWhatMoved() {
        final Peer node = rig.node("n@host");
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        client.submit(Messages.task());
        client.submit(Messages.task());
        client.submit(Messages.task());
        node.send(Messages.dead(worker.id, worker.incarnation, 50));
        expect(of(IncidentKind.PARTY_DIED, IncidentRule.LOCK_IS_FREE, worker, 50, 2, 0, 0, "its process has ended"));
    }

    @Test
    void shouldTakeALaterReportOfADeathAsTheTimeOfTheOneOnRecord() {
        final Peer node = rig.node("n@host");
        final Peer worker = rig.worker("w", "t");
        node.send(Messages.dead(worker.id, worker.incarnation));
        assertEquals(-1, seen().get(0).detectedMs());
        final IncidentRule lock = IncidentRule.LOCK_IS_FREE;
        node.send(Messages.incident(IncidentKind.PARTY_DIED, lock, worker.id, 37, 0, "killed by signal 9"));
        expect(of(IncidentKind.PARTY_DIED, lock, worker, 37, 0, 0, 0, "killed by signal 9"));
    }

    @Test
    void shouldTellWhoFellSilentAndForHowLong() {
        final Peer worker = rig.worker("w", "t");
        final Peer node = rig.node("n");
        rig.pass(11_000, node);
        expect(of(IncidentKind.PARTY_SILENT, IncidentRule.SILENCE, worker, 10_050, 0, 0, 0, "not heard for 10.1 s"));
    }

    @Test
    void shouldTellThatANameWasTakenByAnotherProcessButNothingOfAFirstRegistrationOrOneAfterLeaving() {
        final Peer client = rig.client("c");
        final Peer first = rig.worker("w", "t");
        first.send(Messages.unregister());
        final Peer second = rig.worker("w", "t");
        client.submit(Messages.task());
        assertEquals(List.of(), seen());
        rig.pass(1_000, client);
        rig.worker("w", "t");
        expect(of(
                IncidentKind.PARTY_REPLACED,
                IncidentRule.REGISTERED_ANEW,
                second,
                1_000,
                1,
                0,
                0,
                "another process has registered under its name"));
    }

    @Test
    void shouldTellThatAClientWasAbandonedAndHowManyTasksEnded() {
        final Peer worker = rig.worker("w", "t");
        final Peer client = rig.client("c");
        for (int i = 0; i < 5; i++) {
            client.submit(Messages.task());
        }
        rig.nowMs += 950;
        for (int i = 0; i < 60; i++) {
            worker.heartbeat();
            rig.pass(1_000);
        }
        assertTrue(
                seen().stream()
                        .anyMatch(of(
                                IncidentKind.CLIENT_ABANDONED,
                                IncidentRule.SILENCE,
                                client,
                                60_050,
                                0,
                                0,
                                0,
                                "not heard for 60.1 s; 5 of its tasks cancelled")::equals),
                seen().toString());
    }

    @Test
    void shouldTellThatAWorkerHangsWithWhatWasMovedAndRetriedAndThatItWoke() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        final long running = client.submit(Messages.task());
        client.submit(Messages.task());
        for (int i = 0; i < 61; i++) {
            rig.pass(1_000);
            worker.sendAs(Messages.heartbeat(0, running), 0);
            client.heartbeat();
        }
        final Seen hung = of(
                IncidentKind.WORKER_HUNG,
                IncidentRule.TASK_TIMEOUT,
                worker,
                60_050,
                1,
                1,
                0,
                "'t' ran for 60.1 s, allowed are 60.0 s; task " + running);
        expect(hung);
        worker.sendAs(Messages.heartbeat(1, 0), 0);
        expect(
                hung,
                of(
                        IncidentKind.WORKER_WOKE,
                        IncidentRule.ANSWERED,
                        worker,
                        -1,
                        0,
                        0,
                        0,
                        "it moves again and gets tasks again"));
    }

    @Test
    void shouldTellThatANodeIsLostWithTheCamerasThatMovedAndThatItReturned() {
        final Peer first = rig.join(PartyKind.NODE, "n1@a", 0, 0);
        final Peer second = rig.join(PartyKind.NODE, "n2@b", 0, 0);
        final int[] cameras = new int[4];
        for (int i = 0; i < cameras.length; i++) {
            cameras[i] = rig.camera("x" + i).id;
        }
        rig.client("c").send(Messages.allocate(cameras, new int[] {1, 1, 2, 2}));
        rig.pass(6_000, first);
        final Seen lost = new Seen(
                IncidentKind.NODE_LOST,
                IncidentRule.SILENCE,
                PartyKind.NODE,
                second.id,
                "n2@b",
                5_050,
                2,
                0,
                0,
                "not heard for 5.1 s");
        expect(lost);
        rig.join(PartyKind.NODE, "n2@b", 0, 0);
        final Seen returned = seen().get(1);
        assertEquals(IncidentKind.NODE_RETURNED, returned.kind());
        assertEquals(IncidentRule.REGISTERED, returned.rule());
        assertEquals(second.id, returned.subjectId());
        assertEquals("not heard for 6.0 s before", returned.text());
    }

    @Test
    void shouldTellWhoLeadsAfterWhomAndHowLongNothingWasSequenced() {
        final Peer master = rig.join(PartyKind.MASTER, "member-1", 0, 0);
        rig.settings(new SequencerConfig().memberId(0).leadershipTermId(0));
        rig.tick();
        assertEquals(List.of(), seen());
        rig.nowMs += 830;
        rig.settings(new SequencerConfig().memberId(1).leadershipTermId(3));
        final Seen changed = of(
                IncidentKind.LEADER_CHANGED,
                IncidentRule.NEW_TERM,
                master,
                830,
                0,
                0,
                0,
                "member 1 leads after member 0, in term 3");
        expect(changed);
        rig.tick();
        rig.settings(new SequencerConfig().memberId(1).leadershipTermId(3));
        rig.pass(2_000, master);
        expect(changed);
        rig.settings(new SequencerConfig().memberId(1).leadershipTermId(4));
        expect(
                changed,
                of(
                        IncidentKind.LEADER_CHANGED,
                        IncidentRule.NEW_TERM,
                        master,
                        -1,
                        0,
                        0,
                        0,
                        "member 1 leads again, in term 4"));
    }

    @Test
    void shouldTellThatTheMastersWereAwayAndThenWhoLeads() {
        rig.client("c");
        rig.settings(new SequencerConfig());
        rig.tick();
        rig.nowMs += 3_250;
        rig.sequencer.onTick(rig.nowMs);
        rig.nowMs += 20;
        rig.settings(new SequencerConfig().memberId(2).leadershipTermId(7));
        expect(
                of(
                        IncidentKind.MASTERS_AWAY,
                        IncidentRule.GAP_OF_TIME,
                        null,
                        3_250,
                        0,
                        0,
                        0,
                        "nothing was sequenced for 3.3 s"),
                of(
                        IncidentKind.LEADER_CHANGED,
                        IncidentRule.NEW_TERM,
                        null,
                        3_250,
                        0,
                        0,
                        0,
                        "member 2 leads after member 0, in term 7"));
    }

    @Test
    void shouldNotTakeForAwayWhoHadNothingToDo() {
        rig.client("c").send(Messages.unregister());
        rig.nowMs += 3_600_000;
        rig.client("d");
        expect();
    }

    @Test
    void shouldTellThatAMasterDiedAndRejoined() {
        final Peer node = rig.node("n@host");
        final Peer master = rig.join(PartyKind.MASTER, "member-2", 0, 0);
        node.send(Messages.dead(master.id, master.incarnation, 45));
        rig.pass(2_000, node);
        rig.join(PartyKind.MASTER, "member-2", 0, 0);
        expect(
                of(IncidentKind.PARTY_DIED, IncidentRule.LOCK_IS_FREE, master, 45, 0, 0, 0, "its process has ended"),
                of(
                        IncidentKind.MEMBER_REJOINED,
                        IncidentRule.REGISTERED,
                        master,
                        -1,
                        0,
                        0,
                        0,
                        "not heard for 2.0 s before"));
    }

    @Test
    void shouldTellThatATaskFailedForGoodAndWhyAndFoldAFlood() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        final long task = client.submit(Messages.task().attempts(2));
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        assertEquals(List.of(), seen());
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        final String text = "'t' failed: its handler failed, attempts: 2; task " + task + ": why";
        expect(of(IncidentKind.TASK_FAILED, IncidentRule.RETRIES_USED, client, -1, 0, 0, 0, text));
        for (int i = 0; i < 10_000; i++) {
            client.submit(Messages.task().attempts(1));
            worker.fail(worker.take(), Reason.HANDLER_FAILED);
            rig.events.clear();
            client.heard.clear();
            worker.heard.clear();
        }
        final Seen flood = of(IncidentKind.TASK_FAILED, IncidentRule.RETRIES_USED, client, -1, 0, 0, 10_000, text);
        expect(flood);
        final long bad = client.submit(Messages.task());
        worker.fail(worker.take(), Reason.BAD_INPUT);
        expect(
                flood,
                of(
                        IncidentKind.TASK_FAILED,
                        IncidentRule.HANDLER_REPORT,
                        client,
                        -1,
                        0,
                        0,
                        0,
                        "'t' failed: its handler cannot use the input, attempts: 1; task " + bad + ": why"));
    }

    @Test
    void shouldTellThatAWorkerIsDrainedAndRestored() {
        final Peer client = rig.client("c");
        final Peer bad = rig.worker("bad", "t");
        rig.settings(new SequencerConfig().drainAfterFailures(2).restoreAfterSuccesses(1));
        rig.worker("other", "t").heartbeat();
        for (int i = 0; i < 8; i++) {
            client.submit(Messages.task().attempts(200));
        }
        bad.fail(bad.take(), Reason.HANDLER_FAILED);
        bad.fail(bad.take(), Reason.HANDLER_FAILED);
        final Seen drained = of(
                IncidentKind.WORKER_DRAINED,
                IncidentRule.FAILURES_IN_A_ROW,
                bad,
                -1,
                0,
                0,
                0,
                "2 failures in a row: one task in 5.0 s as a probe, no others");
        expect(drained);
        bad.complete(bad.take());
        expect(
                drained,
                of(
                        IncidentKind.WORKER_RESTORED,
                        IncidentRule.PROBE_SUCCEEDED,
                        bad,
                        -1,
                        0,
                        0,
                        0,
                        "1 success: it gets tasks again"));
    }

    @Test
    void shouldFoldTasksThatDoNotFitTheMemoryOfAWorker() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        final long task = client.submit(Messages.task());
        worker.fail(worker.take(), Reason.OUT_OF_MEMORY);
        worker.fail(worker.take(), Reason.OUT_OF_MEMORY);
        expect(of(
                IncidentKind.OUT_OF_MEMORY,
                IncidentRule.HANDLER_REPORT,
                worker,
                -1,
                0,
                0,
                1,
                "'t' does not fit its device memory: tried again in smaller pieces; task " + task));
    }

    @Test
    void shouldNotRecordWhatNobodyCouldHaveRun() {
        final Peer client = rig.client("c");
        client.send(Messages.type("t"));
        client.submit(Messages.task().type(99));
        client.submit(Messages.task().after(4711));
        client.submit(Messages.task().deadlineMs(50));
        client.send(Messages.cancel(client.submit(Messages.task())));
        rig.pass(200);
        expect();
    }

    @Test
    void shouldTellThatAnInputIsLost() {
        final Peer client = rig.client("c");
        rig.worker("w", "t");
        final long task = client.submit(Messages.task().inputs(new Messages.Frame(0xABC, 1, 1, 10)));
        expect(of(
                IncidentKind.INPUT_LOST,
                IncidentRule.FRAME_GONE,
                client,
                -1,
                0,
                0,
                0,
                "'t' failed: an input is lost; task " + task));
    }

    @Test
    void shouldTellThatAPoolHasLostItsOwnerButNotThatAnOwnerLeft() {
        final Peer node = rig.node("n@host");
        final Peer client = rig.client("c");
        client.send(Messages.type("t"));
        client.send(Messages.pool(0xC0));
        final Peer leaver = rig.client("d");
        leaver.send(Messages.pool(0xD0));
        final Peer other = rig.client("other");
        other.submit(Messages.task().inputs(new Messages.Frame(0xC0, 1, 1, 10), new Messages.Frame(0xD0, 1, 1, 10)));
        leaver.send(Messages.unregister());
        node.send(Messages.dead(client.id, client.incarnation, 20));
        for (int i = 0; i < 2; i++) {
            node.send(Messages.orphaned(0xC0));
            node.send(Messages.orphaned(0xD0));
        }
        expect(
                of(IncidentKind.PARTY_DIED, IncidentRule.LOCK_IS_FREE, client, 20, 0, 0, 0, "its process has ended"),
                of(
                        IncidentKind.POOL_ORPHANED,
                        IncidentRule.LOCK_IS_FREE,
                        client,
                        -1,
                        0,
                        0,
                        0,
                        "a pool without its owner; frames still needed: 1"));
    }

    @Test
    void shouldTellTheFirstRefusalOfASpellInWhichTheTableIsFull() {
        final Rig small = rig;
        rig.settings(new SequencerConfig().taskCapacity(4).maxOpenTasksPerClient(4));
        final Peer one = small.client("one");
        final Peer two = small.client("two");
        one.send(Messages.type("t"));
        for (int i = 0; i < 2; i++) {
            one.submit(Messages.task());
            two.submit(Messages.task());
        }
        final String text = "the table of 4 tasks is full: clients wait";
        for (int i = 0; i < 100; i++) {
            one.submit(Messages.task());
            one.seq--;
            rig.pass(50, one, two);
        }
        expect(of(IncidentKind.OVERLOADED, IncidentRule.TABLE_FULL, null, -1, 0, 0, 0, text));
        rig.pass(11_000, one, two);
        one.submit(Messages.task());
        expect(of(IncidentKind.OVERLOADED, IncidentRule.TABLE_FULL, null, -1, 0, 0, 1, text));
    }

    @Test
    void shouldTakeWhatNodesMastersAndWorkersReportAndNobodyElse() {
        final Peer node = rig.node("n@host");
        final Peer master = rig.join(PartyKind.MASTER, "member-0", 0, 0);
        final Peer worker = rig.worker("w", "t");
        final IncidentRule ended = IncidentRule.PROCESS_ENDED;
        final IncidentRule driver = IncidentRule.DRIVER_TIMEOUT;
        node.send(Messages.incident(IncidentKind.WORKER_RESTARTED, ended, worker.id, 12, 3, "restart 1 of 5"));
        node.send(Messages.incident(IncidentKind.WORKER_RESTARTED, ended, worker.id, 12, 3, "restart 2 of 5"));
        node.send(Messages.incident(IncidentKind.WORKER_RESTARTED, ended, worker.id, 12, 3, "restart 2 of 5"));
        master.send(Messages.incident(
                IncidentKind.MEMBER_REJOINED, IncidentRule.SNAPSHOT_UNREADABLE, 0, -1, 0, "from the others"));
        worker.send(
                Messages.incident(IncidentKind.DRIVER_LOST, driver, 4711, 900, 0, "a\u001b[31m\n" + "x".repeat(200)));
        rig.client("c").send(Messages.incident(IncidentKind.DRIVER_LOST, driver, 0, 900, 0, "no"));
        rig.camera("k").send(Messages.incident(IncidentKind.DRIVER_LOST, driver, 0, 900, 0, "no"));
        expect(
                of(IncidentKind.WORKER_RESTARTED, ended, worker, 12, 3, 0, 0, "restart 1 of 5"),
                of(IncidentKind.WORKER_RESTARTED, ended, worker, 12, 6, 0, 1, "restart 2 of 5"),
                of(
                        IncidentKind.MEMBER_REJOINED,
                        IncidentRule.SNAPSHOT_UNREADABLE,
                        master,
                        -1,
                        0,
                        0,
                        0,
                        "from the others"),
                of(IncidentKind.DRIVER_LOST, driver, worker, 900, 0, 0, 0, "a [31m " + "x".repeat(121)));
        assertEquals(2, rig.sequencer.core().counters[Counters.MALFORMED]);
    }

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

    @Test
    void shouldNotSayThatTheTableIsFullWhenAJobHasItsShareOfIt() {
        rig.settings(new SequencerConfig().taskCapacity(1_000).maxOpenTasksPerClient(5));
        final Peer client = rig.client("c");
        client.send(Messages.type("mask"));
        client.send(Messages.type("carve"));
        final Peer camera = rig.camera("x");
        camera.send(Messages.pool(0xA0));
        client.send(Messages.job().cameras(camera.id).encode());
        for (int i = 0; i < 20; i++) {
            camera.send(Messages.published(i, 0, new Messages.Frame(0xA0, 1 + i, i, 10)));
        }
        expect(of(
                IncidentKind.OVERLOADED,
                IncidentRule.TABLE_FULL,
                client,
                -1,
                0,
                0,
                18,
                "its jobs have as many open tasks as it may have: frames are refused"));
    }

    @Test
    void shouldNotRecordATaskThatNoDeviceCouldHold() {
        final Peer client = rig.client("c");
        rig.command(Messages.register(1, PartyKind.WORKER, "w", 2, 0, 1_000));
        rig.registered(PartyKind.WORKER, "w", "t");
        client.submit(Messages.task().memoryBytes(1L << 40));
        assertEquals(Reason.OUT_OF_MEMORY, client.results().get(0).reason);
        expect();
    }
}
