package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.CommandAckDecoder;
import io.dragon.codecs.control.CommandRefusedDecoder;
import io.dragon.codecs.control.FencedDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RegisterRefusedDecoder;
import io.dragon.codecs.control.RegisteredDecoder;
import io.dragon.codecs.control.ResumedDecoder;
import io.dragon.codecs.control.TaskState;
import io.dragon.codecs.control.TaskTypeRegisteredDecoder;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartiesTest {
    private final Rig rig = new Rig();

    @Test
    void shouldKeepIdAndNumbersOfANameAndGiveANewIncarnation() {
        final Peer first = rig.client("c");
        first.send(Messages.type("t"));
        final long seq = first.seq;
        final Peer second = rig.client("c");
        assertEquals(first.id, second.id);
        assertEquals(first.incarnation + 1, second.incarnation);
        assertEquals(seq, second.seq);
        assertTrue(second.lastEvent > 0);
        assertNotEquals(first.id, rig.worker("c").id);
    }

    @Test
    void shouldFenceAnOlderIncarnation() {
        final Peer old = rig.client("c");
        final Peer present = rig.client("c");
        old.send(Messages.type("t"));
        final FencedDecoder fenced = rig.lastReply().as(new FencedDecoder());
        assertEquals(old.incarnation, fenced.incarnation());
        assertEquals(present.incarnation, fenced.currentIncarnation());
        assertEquals(0, rig.sequencer.core().types.all.size());
    }

    @Test
    void shouldFenceAnUnknownParty() {
        final Peer peer = rig.client("c");
        peer.id = 4711;
        peer.heartbeat();
        assertEquals(0, rig.lastReply().as(new FencedDecoder()).currentIncarnation());
    }

    @Test
    void shouldAnswerARegisterThatIsSentAgainWithTheSameIncarnation() {
        rig.command(Messages.register(5, PartyKind.CLIENT, "c", 0, 0));
        rig.command(Messages.register(5, PartyKind.CLIENT, "c", 0, 0));
        assertEquals(1, rig.lastReply().as(new RegisteredDecoder()).incarnation());
    }

    @Test
    void shouldRefuseAnInvalidNameInWords() {
        for (final String name : List.of("", "a\nb", "x".repeat(49), "\u00e9".repeat(25))) {
            rig.command(Messages.register(5, PartyKind.CLIENT, name, 0, 0));
            final RegisterRefusedDecoder refused = rig.lastReply().as(new RegisterRefusedDecoder());
            assertEquals(Reason.NAME_INVALID, refused.reason());
            assertTrue(refused.text().contains("1 to 48 bytes"));
        }
    }

    @Test
    void shouldForgetTheLongestDeadWhenAllNamesAreInUseAndNeverUseAnIdAgain() {
        final Rig small = new Rig(new SequencerConfig().set(Setting.MAX_PARTIES, 2));
        final Peer a = small.client("a");
        final Peer b = small.client("b");
        small.command(Messages.register(5, PartyKind.CLIENT, "c", 0, 0));
        assertEquals(
                Reason.TABLE_FULL,
                small.lastReply().as(new RegisterRefusedDecoder()).reason());
        a.send(Messages.unregister());
        final Peer c = small.client("c");
        assertTrue(c.id > b.id);
        b.send(Messages.unregister());
        assertTrue(small.client("a").id > c.id);
    }

    @Test
    void shouldTakeOnlyTheNextNumber() {
        final Peer c = rig.client("c");
        c.send(Messages.type("t"));
        c.sendAs(Messages.task().encode(), c.seq + 2);
        final Event refused = c.all(CommandRefusedDecoder.TEMPLATE_ID).get(0);
        assertEquals(Reason.OUT_OF_ORDER, refused.reason);
        assertEquals(c.seq + 1, refused.as(new CommandRefusedDecoder()).expectedSeq());
        final int acks = c.all(CommandAckDecoder.TEMPLATE_ID).size();
        rig.nowMs++;
        c.sendAs(Messages.type("u"), c.seq);
        assertEquals(1, rig.sequencer.core().types.all.size());
        assertEquals(acks + 1, c.all(CommandAckDecoder.TEMPLATE_ID).size());
        assertEquals(c.seq, c.heard.get(c.heard.size() - 1).ackSeq);
    }

    @Test
    void shouldRefuseABurstThatFollowsALostCommandOnlyOnce() {
        final Peer c = rig.client("c");
        for (int i = 2; i < 100; i++) {
            c.sendAs(Messages.task().encode(), i);
        }
        assertEquals(1, c.all(CommandRefusedDecoder.TEMPLATE_ID).size());
    }

    @Test
    void shouldAcknowledgeALoneCommandAtOnceAndABurstInFewEvents() {
        final Peer c = rig.client("c");
        c.send(Messages.type("t"));
        rig.tick();
        c.heard.clear();
        c.submit(Messages.task());
        assertEquals(c.seq, c.heard.get(0).ackSeq);
        assertEquals(0, c.heard.get(0).number);
        for (int i = 0; i < 100; i++) {
            c.submit(Messages.task());
        }
        assertTrue(c.heard.size() < 10, "events " + c.heard.size());
        rig.tick();
        assertEquals(c.seq, c.heard.get(c.heard.size() - 1).ackSeq);
    }

    @Test
    void shouldRefuseAsOverloadedBeyondTheWindowOfOpenTasksAndNotUseTheNumber() {
        final Rig small = new Rig(
                new SequencerConfig().set(Setting.TASK_CAPACITY, 10).set(Setting.MAX_OPEN_TASKS_PER_CLIENT, 10));
        final Peer a = small.client("a");
        small.client("b");
        a.send(Messages.type("t"));
        for (int i = 0; i < 5; i++) {
            a.submit(Messages.task());
        }
        final long before = a.seq;
        a.submit(Messages.task());
        final Event refused = a.all(CommandRefusedDecoder.TEMPLATE_ID).get(0);
        assertEquals(Reason.OVERLOADED, refused.reason);
        assertTrue(refused.as(new CommandRefusedDecoder()).retryAfterMs() > 0);
        assertEquals(before + 1, refused.as(new CommandRefusedDecoder()).expectedSeq());
        a.seq = before;
        a.send(Messages.cancel(Tasks.id(a.id, 2)));
        a.submit(Messages.task());
        assertEquals(before + 2, small.sequencer.core().parties.get(a.id).lastSeq);
    }

    @Test
    void shouldAnswerATaskTypeWithItsIdAndAnInvalidOneWithZero() {
        final Peer c = rig.client("c");
        c.send(Messages.type("t"));
        c.send(Messages.type("t"));
        c.send(Messages.type("\u0001"));
        assertEquals(
                List.of(1, 1, 0),
                c.all(TaskTypeRegisteredDecoder.TEMPLATE_ID).stream()
                        .map(e -> e.typeId)
                        .toList());
    }

    @Test
    void shouldTellAWorkerItsTypesBeforeItsAssignments() {
        final Peer c = rig.client("c");
        c.send(Messages.type("t"));
        c.submit(Messages.task());
        final Peer w = rig.worker("w", "t");
        assertEquals(TaskTypeRegisteredDecoder.TEMPLATE_ID, w.heard.get(0).template);
        assertEquals(1, w.assigned.size());
    }

    @Test
    void shouldEmitEverythingOpenAgainOnResumeAtMostSixtyFourAStep() {
        final Peer c = rig.client("c");
        final Peer w = rig.worker("w", "t");
        c.send(Messages.type("t"));
        c.deaf = true;
        final long known = c.lastEvent;
        for (int i = 0; i < 200; i++) {
            c.sendAs(Messages.task().encode(), ++c.seq);
            w.complete(w.take());
        }
        c.deaf = false;
        c.lastEvent = known;
        c.sendAs(Messages.resume(7), 0);
        final Event resumed = c.all(ResumedDecoder.TEMPLATE_ID).get(0);
        assertEquals(7, resumed.as(new ResumedDecoder()).correlationId());
        assertEquals(64, c.results().size());
        rig.tick();
        assertEquals(128, c.results().size());
        rig.tick();
        rig.tick();
        assertEquals(200, c.results().size());
        final List<Event> results = c.results();
        for (int i = 0; i < 200; i++) {
            assertEquals(resumed.number + 1 + i, results.get(i).number);
        }
        c.heartbeat();
        assertEquals(0, rig.sequencer.core().tasks.table.size());
    }

    @Test
    void shouldNotTakeTheBaseOfAResumedForAnAcknowledgementOfWhatWasLost() {
        final Rig slow = new Rig(new SequencerConfig().set(Setting.RESUME_BATCH, 1));
        final Peer c = slow.client("c");
        final Peer w = slow.worker("w", "t");
        c.send(Messages.type("t"));
        c.deaf = true;
        for (int i = 0; i < 3; i++) {
            c.sendAs(Messages.task().encode(), ++c.seq);
            w.complete(w.take());
        }
        c.deaf = false;
        c.sendAs(Messages.resume(1), 0);
        c.heartbeat();
        assertEquals(2, slow.sequencer.core().tasks.table.size());
        slow.pass(200, c, w);
        assertEquals(3, c.results().size());
    }

    @Test
    void shouldEmitAgainByItselfWhatIsNotAcknowledgedIn200Ms() {
        final Peer c = rig.client("c");
        final Peer w = rig.worker("w", "t");
        c.send(Messages.type("t"));
        c.deaf = true;
        final long task = c.submit(Messages.task());
        w.complete(w.take());
        rig.pass(150);
        c.deaf = false;
        assertEquals(0, c.results().size());
        rig.pass(150);
        assertEquals(TaskState.COMPLETED, c.result(task).state);
    }

    @Test
    void shouldEmitAnOpenAssignmentAgainUntilTheTaskLeavesTheWorker() {
        final Peer c = rig.client("c");
        final Peer w = rig.worker("w", "t");
        w.deaf = true;
        final long task = c.submit(Messages.task());
        rig.pass(100);
        w.deaf = false;
        w.sendAs(Messages.resume(1), 0);
        assertEquals(task, w.take().taskId);
    }

    @Test
    void shouldTakeASilentWorkerForDeadAfterTenSecondsAndAClientAfterSixty() {
        final Peer c = rig.client("c");
        final Peer w = rig.worker("w", "t");
        final Peer other = rig.worker("other", "t");
        final long task = c.submit(Messages.task());
        final Peer holder = w.assigned.isEmpty() ? other : w;
        rig.pass(10_500, c, holder == w ? other : w);
        assertFalse(rig.sequencer.core().parties.get(holder.id).isAlive);
        assertTrue(rig.sequencer.core().parties.get(c.id).isAlive);
        assertEquals(1, rig.summary().tasksReassigned());
        rig.pass(60_500, holder == w ? other : w);
        assertFalse(rig.sequencer.core().parties.get(c.id).isAlive);
        assertEquals(1, rig.summary().tasksAbandoned());
        assertEquals(1, rig.summary().tasksCancelled());
        assertEquals(0, rig.sequencer.core().tasks.table.size());
        c.heartbeat();
        assertEquals(0, rig.lastReply().as(new FencedDecoder()).currentIncarnation());
        assertNotEquals(0, task);
    }

    @Test
    void shouldTakeAWorkerForDeadWithItsNodeAfterFiveSeconds() {
        final Peer node = rig.node("n");
        final Peer w = rig.join(PartyKind.WORKER, "w", 2, node.id);
        rig.pass(5_200);
        assertFalse(rig.sequencer.core().parties.get(w.id).isAlive);
    }

    @Test
    void shouldNotTakeAnybodyForDeadBecauseTheMastersWereAway() {
        final Peer w = rig.worker("w", "t");
        rig.nowMs += 3_600_000;
        rig.tick();
        assertTrue(rig.sequencer.core().parties.get(w.id).isAlive);
    }

    @Test
    void shouldBelieveOnlyTheNodeOfItsHostThatAPartyIsDeadAndOnlyForThatIncarnation() {
        final Peer node = rig.node("n@host");
        final Peer old = rig.worker("w", "t");
        final Peer w = rig.worker("w", "t");
        final Peer guest = rig.join(PartyKind.WORKER, "guest@other", 2, node.id);
        rig.client("c").send(Messages.dead(w.id, w.incarnation));
        rig.node("m@other").send(Messages.dead(w.id, w.incarnation));
        node.send(Messages.dead(w.id, old.incarnation));
        assertTrue(rig.sequencer.core().parties.get(w.id).isAlive);
        node.send(Messages.dead(w.id, w.incarnation));
        assertFalse(rig.sequencer.core().parties.get(w.id).isAlive);
        node.send(Messages.dead(guest.id, guest.incarnation)); // it said itself that it is of this node
        assertFalse(rig.sequencer.core().parties.get(guest.id).isAlive);
    }

    @Test
    void shouldAcknowledgeUnregisterAndReassignAtOnce() {
        final Peer c = rig.client("c");
        final Peer w = rig.worker("w", "t");
        c.submit(Messages.task());
        w.take();
        w.send(Messages.unregister());
        assertEquals(w.seq, w.heard.get(w.heard.size() - 1).ackSeq);
        rig.worker("x", "t").take();
    }

    @Test
    void shouldTickOnlyWhileSomebodyIsThere() {
        assertFalse(rig.sequencer.needsTick());
        final Peer c = rig.client("c");
        assertTrue(rig.sequencer.needsTick());
        c.send(Messages.unregister());
        assertFalse(rig.sequencer.needsTick());
    }

    @Test
    void shouldRefuseCommandsOfAPartyThatAcknowledgesNothingUntilItDoes() {
        final Peer c = rig.client("c");
        c.deaf = true;
        final int most = 200_000;
        for (int i = 0; i < most; i++) {
            c.sendAs(Messages.type("t"), i + 1);
        }
        final Party party = rig.sequencer.core().parties.get(c.id);
        assertTrue(party.open.size + party.stale.size < most, "owed " + party.open.size);
        final long taken = party.lastSeq;
        c.lastEvent = party.lastEvent;
        c.heartbeat();
        c.sendAs(Messages.type("t"), taken + 1);
        assertEquals(taken + 1, party.lastSeq);
    }

    @Test
    void shouldNotMakeANewIncarnationWaitForTheDeafnessOfTheOldOne() {
        final Peer old = rig.client("c");
        old.deaf = true;
        old.send(Messages.type("t"));
        rig.pass(20_000, old);
        final Peer c = rig.client("c");
        c.deaf = true;
        c.send(Messages.type("t"));
        rig.pass(100);
        c.deaf = false;
        rig.pass(200);
        assertEquals(1, c.all(TaskTypeRegisteredDecoder.TEMPLATE_ID).size());
    }

    @Test
    void shouldRefuseANameRatherThanGiveAnIdThatTaskIdsHaveNoRoomFor() {
        rig.sequencer.core().counters[Counters.LAST_PARTY_ID] = (1 << 24) - 2;
        final Peer last = rig.client("last");
        assertEquals((1 << 24) - 1, last.id);
        assertEquals(last.id, Tasks.partyOf(Tasks.id(last.id, 1)));
        rig.command(Messages.register(5, PartyKind.CLIENT, "one more", 0, 0));
        assertEquals(
                Reason.TABLE_FULL,
                rig.lastReply().as(new RegisterRefusedDecoder()).reason());
        assertEquals(last.id, rig.client("last").id);
    }

    @Test
    void shouldNotEmitAgainWhatWasOnItsWayWhenTheResumeWasSent() {
        final Rig slow = new Rig(new SequencerConfig().set(Setting.RESUME_BATCH, 1));
        final Peer c = slow.client("c");
        final Peer w = slow.worker("w", "t");
        c.send(Messages.type("t"));
        c.heartbeat();
        final long known = c.lastEvent;
        for (int i = 0; i < 3; i++) {
            c.sendAs(Messages.task().encode(), ++c.seq);
            c.lastEvent = known;
            w.complete(w.take());
            c.lastEvent = known;
        }
        c.deaf = true;
        c.sendAs(Messages.resume(1), 0);
        c.lastEvent = known + 3;
        c.heartbeat();
        assertEquals(1, slow.sequencer.core().tasks.table.size());
    }

    @Test
    void shouldTakeTheNodeOfAPartyFromItsHostWhateverNodeItNames() {
        final Peer here = rig.node("here");
        final Peer there = rig.node("there");
        rig.command(Messages.register(9, PartyKind.WORKER, "w", "host of here", 2, there.id, 0));
        final Peer worker = rig.registered(PartyKind.WORKER, "w");
        assertEquals(here.id, rig.sequencer.core().parties.get(worker.id).nodeId);
        rig.command(Messages.register(10, PartyKind.WORKER, "lost", "host of nobody", 2, there.id, 0));
        assertEquals(0, rig.sequencer.core().parties.get(rig.registered(PartyKind.WORKER, "lost").id).nodeId);
    }
}
