package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One test a fault of a process: what its record says. */
class FaultsTest extends FaultRecords {
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
        rig.settings(new SequencerConfig().set(Setting.MEMBER_ID, 0).set(Setting.LEADERSHIP_TERM_ID, 0));
        rig.tick();
        assertEquals(List.of(), seen());
        rig.nowMs += 830;
        rig.settings(new SequencerConfig().set(Setting.MEMBER_ID, 1).set(Setting.LEADERSHIP_TERM_ID, 3));
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
        rig.settings(new SequencerConfig().set(Setting.MEMBER_ID, 1).set(Setting.LEADERSHIP_TERM_ID, 3));
        rig.pass(2_000, master);
        expect(changed);
        rig.settings(new SequencerConfig().set(Setting.MEMBER_ID, 1).set(Setting.LEADERSHIP_TERM_ID, 4));
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
        rig.settings(new SequencerConfig().set(Setting.MEMBER_ID, 2).set(Setting.LEADERSHIP_TERM_ID, 7));
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
}
