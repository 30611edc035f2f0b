package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.MasterPageDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.RegisterRefusedDecoder;
import io.dragon.codecs.control.SupervisedPageDecoder;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SupervisionTest {
    private final Rig rig = new Rig();

    private record Process(
            int nodeId,
            SupervisedState state,
            long restarts,
            long waitMs,
            long processId,
            long sinceMs,
            String name,
            String text) {}

    private record Master(long memberId, WorkerState state, long processId, long position, String name, String host) {}

    private List<Process> processes() {
        rig.restart();
        final List<Process> all = new ArrayList<>();
        long after = 0;
        boolean hasMore = true;
        while (hasMore) {
            rig.command(Messages.query(5, (int) after));
            final SupervisedPageDecoder page = rig.lastReply().as(new SupervisedPageDecoder());
            hasMore = page.hasMore() == 1;
            for (final SupervisedPageDecoder.ProcessesDecoder process : page.processes()) {
                assertTrue(process.number() > after);
                after = process.number();
                all.add(new Process(
                        (int) process.nodeId(),
                        process.state(),
                        process.restarts(),
                        process.waitMs(),
                        process.processId(),
                        process.sinceMs(),
                        process.name(),
                        process.text()));
            }
        }
        return all;
    }

    @Test
    void shouldShowTheLastReportOfEveryProcessAndSinceWhenItIsSo() {
        final Peer node = rig.node("n");
        node.send(Messages.supervised("gpu0", SupervisedState.RUNNING, 0, 0, 77, "started"));
        node.send(Messages.supervised("gpu1", SupervisedState.STARTING, 0, 0, 78, ""));
        rig.pass(500, node);
        node.send(Messages.supervised("gpu0", SupervisedState.BACKING_OFF, 1, 2_000, 0, "killed by signal 9"));
        rig.pass(250, node);
        assertEquals(
                List.of(
                        new Process(
                                node.id, SupervisedState.BACKING_OFF, 1, 2_000, 0, 250, "gpu0", "killed by signal 9"),
                        new Process(node.id, SupervisedState.STARTING, 0, 0, 78, 750, "gpu1", "")),
                processes());
    }

    @Test
    void shouldKeepWhatADeadNodeToldUntilItReturnsAndReportsAnew() {
        final Peer first = rig.node("n1");
        final Peer second = rig.node("n2");
        first.send(Messages.supervised("gpu0", SupervisedState.RUNNING, 0, 0, 77, ""));
        first.send(Messages.supervised("gpu1", SupervisedState.RUNNING, 0, 0, 78, ""));
        second.send(Messages.supervised("gpu0", SupervisedState.RUNNING, 0, 0, 79, ""));
        rig.pass(6_000, second);
        assertEquals(3, processes().size());
        final Peer back = rig.node("n1");
        assertEquals(3, processes().size());
        back.send(Messages.supervised("gpu1", SupervisedState.GIVEN_UP, 5, 0, 0, "ends at once"));
        final List<Process> now = processes();
        assertEquals(List.of("gpu0", "gpu1"), now.stream().map(Process::name).toList());
        assertEquals(
                List.of(second.id, back.id), now.stream().map(Process::nodeId).toList());
        assertEquals(SupervisedState.GIVEN_UP, now.get(1).state());
    }

    @Test
    void shouldBoundTheTableOfANodeAndShowItOverManyPages() {
        final Peer node = rig.node("n");
        for (int i = 0; i < 100; i++) {
            final String name = "\u20ac".repeat(14) + i;
            node.send(Messages.supervised(name, SupervisedState.RUNNING, 0, 0, i, "\u20ac".repeat(40)));
        }
        assertEquals(64, processes().size());
        final Incident full = rig.sequencer.core().incidents.get(1);
        assertEquals("all entries for supervised processes are in use", full.text);
        assertEquals(35, full.repeated);
    }

    @Test
    void shouldForgetTheProcessesOfANodeThatIsForgotten() {
        rig.settings(new SequencerConfig().set(Setting.MAX_PARTIES, 2));
        final Peer node = rig.node("n");
        rig.node("other");
        node.send(Messages.supervised("gpu0", SupervisedState.RUNNING, 0, 0, 77, ""));
        node.send(Messages.unregister());
        assertEquals(1, processes().size());
        rig.client("c");
        assertEquals(List.of(), processes());
    }

    @Test
    void shouldIgnoreAReportThatSaysNothingOrComesFromAnybodyElse() {
        final Peer node = rig.node("n");
        final byte[] wrong = Messages.supervised("gpu0", SupervisedState.RUNNING, 0, 0, 77, "");
        wrong[8 + 24] = 9;
        node.send(wrong);
        node.send(Messages.supervised("", SupervisedState.RUNNING, 0, 0, 77, ""));
        rig.worker("w", "t").send(Messages.supervised("gpu0", SupervisedState.RUNNING, 0, 0, 77, ""));
        rig.join(PartyKind.MASTER, "member-0", 0, 0)
                .send(Messages.supervised("gpu0", SupervisedState.RUNNING, 0, 0, 77, ""));
        assertEquals(List.of(), processes());
        assertEquals(4, rig.sequencer.core().counters[Counters.MALFORMED]);
    }

    @Test
    void shouldShowTheMastersWithTheirPositionsAndWhoLeads() {
        rig.settings(new SequencerConfig().set(Setting.MEMBER_ID, 1).set(Setting.LEADERSHIP_TERM_ID, 4));
        rig.join(PartyKind.MASTER, "member-0@a", 0, 0);
        final Peer leader = rig.join(PartyKind.MASTER, "member-1", 0, 0);
        rig.join(PartyKind.MASTER, "spare", 0, 0);
        leader.sendAs(Messages.heartbeat(123_456, 0), 0);
        rig.pass(6_000, leader);
        leader.sendAs(Messages.heartbeat(234_567, 0), 0);
        rig.restart();
        rig.command(Messages.query(6, 0));
        final MasterPageDecoder page = rig.lastReply().as(new MasterPageDecoder());
        assertEquals(0, page.hasMore());
        assertEquals(1, page.leaderMemberId());
        assertEquals(4, page.leadershipTermId());
        final List<Master> masters = new ArrayList<>();
        for (final MasterPageDecoder.MastersDecoder master : page.masters()) {
            masters.add(new Master(
                    master.memberId(),
                    master.state(),
                    master.processId(),
                    master.position(),
                    master.name(),
                    master.host()));
        }
        final long unknown = MasterPageDecoder.MastersDecoder.memberIdNullValue();
        assertEquals(
                List.of(
                        new Master(unknown, WorkerState.DEAD, 77, 0, "member-0@a", "a"),
                        new Master(1, WorkerState.ALIVE, 77, 234_567, "member-1", "host"),
                        new Master(unknown, WorkerState.DEAD, 77, 0, "spare", "host")),
                masters);
    }

    @Test
    void shouldRefuseAKindThatNobodyKnows() {
        final byte[] register = Messages.register(1, PartyKind.MASTER, "member-0", 0, 0);
        register[8 + 8] = 6;
        rig.command(register);
        assertEquals(
                "kind 6 of a party is not known",
                rig.lastReply().as(new RegisterRefusedDecoder()).text());
    }
}
