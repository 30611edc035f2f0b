package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.sequencer.Messages.Frame;
import io.dragon.engine.sequencer.Rig.Peer;
import io.dragon.engine.sequencer.balance.Strategy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the strategies are told by the sequencer, and what it does when they refuse a task. */
class BalancingTest {
    private static final long GIB = 1L << 30;

    private final Rig rig = new Rig(new SequencerConfig().set(Setting.MAX_SPLIT, 4));
    private final Peer client = rig.client("c");

    private Peer worker(final String name, final long memoryBytes) {
        rig.command(Messages.register(name.hashCode(), PartyKind.WORKER, name, 2, 0, memoryBytes));
        return rig.registered(PartyKind.WORKER, name, "t");
    }

    private static void hasFree(final Peer worker, final long bytes) {
        worker.sendAs(Messages.heartbeat(0, 0, bytes), 0);
    }

    @Test
    void shouldLetATaskWaitForMemoryWithoutHoldingUpOthers() {
        final Peer worker = worker("w", 8 * GIB);
        hasFree(worker, GIB);
        final TraceNotes notes = new TraceNotes();
        rig.sequencer.trace(notes);
        final long large = client.submit(Messages.task().priority(7).memoryBytes(2 * GIB));
        final long small = client.submit(Messages.task().priority(0).memoryBytes(GIB));
        assertEquals(small, worker.take().taskId);
        assertEquals(0, worker.assigned.size());
        rig.pass(500, client);
        assertEquals(
                1,
                notes.lines.stream().filter(line -> line.startsWith("parked")).count(),
                "looked at, not moved");
        assertTrue(
                notes.lines.contains("excluded " + worker.id + ": the task needs " + 2 * GIB + " bytes of its memory, "
                        + GIB + " are free"),
                notes.lines::toString);
        rig.restart();
        hasFree(worker, 2 * GIB - 1);
        assertEquals(0, worker.assigned.size());
        hasFree(worker, 2 * GIB);
        assertEquals(large, worker.take().taskId);
        Invariants.check(rig.sequencer.core());
    }

    @Test
    void shouldGiveATaskThatWaitsForMemoryToAWorkerThatComesWithEnough() {
        hasFree(worker("w", 8 * GIB), GIB);
        final long large = client.submit(Messages.task().memoryBytes(2 * GIB));
        assertEquals(large, worker("x", 4 * GIB).take().taskId);
    }

    @Test
    void shouldFailInWordsWhatNoDeviceCouldEverHold() {
        final Peer worker = worker("w", 2 * GIB);
        final long large = client.submit(Messages.task().memoryBytes(8 * GIB + 4));
        final Event result = client.result(large);
        assertEquals(TaskState.FAILED, result.state);
        assertEquals(Reason.OUT_OF_MEMORY, result.reason);
        assertEquals(
                "the task needs 2147483649 bytes of device memory even in 4 pieces, the largest worker has 2147483648",
                result.text);
        // In four pieces it fits, so it is worth a try.
        final long fits = client.submit(Messages.task().memoryBytes(8 * GIB));
        assertEquals(fits, worker.take().taskId);
        // A worker that is only away may come back.
        final Peer node = rig.node("n@host");
        final Peer larger = worker("x", 4 * GIB);
        node.send(Messages.dead(larger.id, larger.incarnation));
        final long waits = client.submit(Messages.task().memoryBytes(16 * GIB));
        assertEquals(1, client.results().size());
        assertEquals(waits, worker("x", 4 * GIB).take().taskId);
        Invariants.check(rig.sequencer.core());
    }

    @Test
    void shouldWaitForAnErrorToPassWhereTheThresholdAsksForIt() {
        final Rig scored = new Rig(new SequencerConfig()
                .defaultStrategy(Strategy.SCORED)
                .set(Setting.RECENT_ERROR_MS, 1_000)
                .set(
                        Setting.SCORED_THRESHOLD,
                        600_000)); // 600: a task takes 1 ms, which scores 1,000, or 500 after an error.
        final Peer asking = scored.client("c");
        final Peer worker = scored.worker("w", "t");
        asking.submit(Messages.task());
        worker.complete(worker.take());
        asking.submit(Messages.task().attempts(1));
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        final long waits = asking.submit(Messages.task());
        scored.pass(1_000, worker);
        assertEquals(0, worker.assigned.size());
        scored.restart();
        scored.pass(100, worker);
        assertEquals(waits, worker.take().taskId);
        Invariants.check(scored.sequencer.core());
    }

    @Test
    void shouldFreeWhatAnotherStrategyRefused() {
        final Peer worker = worker("w", 8 * GIB);
        hasFree(worker, GIB);
        final long large = client.submit(Messages.task().memoryBytes(2 * GIB));
        rig.settings(new SequencerConfig().defaultStrategy(Strategy.ROUND_ROBIN));
        assertEquals(large, worker.take().taskId);
    }

    @Test
    void shouldPreferWorkersOnTheNodeOfTheFirstFrame() {
        final Rig two = new Rig(
                new SequencerConfig().defaultStrategy(Strategy.PREFER_LOCAL).set(Setting.SPILL_PERCENT, 50));
        final Peer[] nodes = {two.node("n0"), two.node("n1")};
        final Peer[] workers = new Peer[2];
        final Peer[] clients = new Peer[2];
        for (int i = 0; i < 2; i++) {
            workers[i] = two.join(PartyKind.WORKER, "w" + i, 4, nodes[i].id);
            workers[i].send(Messages.type("t"));
            clients[i] = two.join(PartyKind.CLIENT, "c" + i, 0, nodes[i].id);
            clients[i].send(Messages.pool(0xA0 + i));
            clients[i].submit(Messages.task().inputs(new Frame(0xA0 + i, 100, 1, 100)));
            final Event first = workers[i].take();
            // A second for each: longer than its inputs take to the other node.
            workers[i].send(Messages.complete(first.taskId, first.attempt, Reason.NONE, "", 1_000_000_000));
        }
        for (final int home : List.of(1, 0)) {
            for (int i = 1; i <= 2; i++) {
                clients[home].submit(Messages.task().inputs(new Frame(0xA0 + home, i, i, 100)));
                assertEquals(i, workers[home].assigned.size());
            }
        }
        // Half of the places at home are taken, as elsewhere: at home still; then the other has less.
        clients[1].submit(Messages.task().inputs(new Frame(0xA1, 3, 3, 100)));
        assertEquals(3, workers[1].assigned.size());
        clients[1].submit(Messages.task().inputs(new Frame(0xA1, 4, 4, 100)));
        assertEquals(3, workers[0].assigned.size());
        two.restart();
        clients[0].submit(Messages.task().inputs(new Frame(0xA0, 9, 9, 100)));
        assertEquals(4, workers[0].assigned.size());
        Invariants.check(two.sequencer.core());
    }

    @Test
    void shouldScoreBySizesThatTheSequencerMeasured() {
        final Rig scored = new Rig(new SequencerConfig().defaultStrategy(Strategy.SCORED));
        final Peer asking = scored.client("c");
        asking.send(Messages.pool(0xA0));
        final Peer worker = scored.worker("w", "t");
        asking.submit(Messages.task().inputs(new Frame(0xA0, 1, 1, 1_000)));
        final Event first = worker.take();
        worker.send(Messages.complete(first.taskId, first.attempt, Reason.NONE, "", 10_000_000));
        final TraceNotes notes = new TraceNotes();
        scored.sequencer.trace(notes);
        // A tenth of the size: a tenth of 10 ms, so 1000 / 1.
        asking.submit(Messages.task().inputs(new Frame(0xA0, 2, 2, 100)));
        assertTrue(
                notes.lines.contains("considered " + worker.id + " scored 1000000000: 1000 / 1 ms; the highest wins"),
                notes.lines::toString);
    }

    @Test
    void shouldAssignInProportionToTheRatesOverAThousandTasks() {
        final Rig even = new Rig(new SequencerConfig().defaultStrategy(Strategy.WEIGHTED_ROUND_ROBIN));
        final Peer asking = even.client("c");
        final Peer[] workers = {even.worker("w0", "t"), even.worker("w1", "t"), even.worker("w2", "t")};
        final long[] milliseconds = {10, 20, 40};
        final int[] counts = new int[3];
        for (int i = 0; i < 1_030; i++) {
            asking.submit(Messages.task());
            for (int w = 0; w < 3; w++) {
                while (!workers[w].assigned.isEmpty()) {
                    final Event task = workers[w].take();
                    workers[w].send(
                            Messages.complete(task.taskId, task.attempt, Reason.NONE, "", milliseconds[w] * 1_000_000));
                    counts[w] += i < 30 ? 0 : 1; // The first show what they can.
                }
            }
        }
        // 4 : 2 : 1.
        assertEquals(571, counts[0], 3);
        assertEquals(286, counts[1], 3);
        assertEquals(143, counts[2], 3);
    }

    @Test
    void shouldTryAgainWhereATaskFailedWhenNobodyElseEverTakesIt() {
        final Peer large = worker("large", 8 * GIB);
        final Peer small = worker("small", 8 * GIB);
        hasFree(small, GIB); // Somebody else's process holds the rest.
        final long task = client.submit(Messages.task().memoryBytes(2 * GIB));
        large.fail(large.take(), Reason.HANDLER_FAILED);
        rig.pass(5_000, client, large);
        hasFree(small, GIB);
        assertEquals(0, large.assigned.size(), "another worker is waited for");
        rig.restart();
        for (int i = 0; i < 10; i++) {
            rig.pass(1_000, client, large);
            hasFree(small, GIB);
        }
        assertEquals(task, large.take().taskId);
        Invariants.check(rig.sequencer.core());
    }

    @Test
    void shouldTryAgainWhereATaskFailedWhenTheOnlyOtherWorkerHasNoPlaceForLong() {
        final Rig turns = new Rig(new SequencerConfig().defaultStrategy(Strategy.ROUND_ROBIN));
        final Peer asking = turns.client("c");
        final Peer busy = turns.worker(1, "busy", "t");
        asking.submit(Messages.task());
        busy.take();
        final Peer other = turns.worker(1, "other", "t");
        final long task = asking.submit(Messages.task());
        other.fail(other.take(), Reason.HANDLER_FAILED);
        turns.pass(5_000, asking, busy, other);
        assertEquals(0, other.assigned.size(), "another worker is waited for");
        turns.restart();
        turns.pass(6_000, asking, busy, other);
        assertEquals(task, other.take().taskId);
        Invariants.check(turns.sequencer.core());
    }

    @Test
    void shouldFailWhatWaitsForMemoryWhenTheOnlyDeviceThatCouldHoldItLeaves() {
        final Peer large = worker("large", 16 * GIB);
        hasFree(large, GIB);
        worker("a", 2 * GIB);
        worker("b", 2 * GIB);
        final long task = client.submit(Messages.task().memoryBytes(16 * GIB));
        rig.pass(1_000, client);
        assertEquals(List.of(), client.results());
        large.send(Messages.unregister());
        rig.pass(1_000, client);
        assertEquals(Reason.OUT_OF_MEMORY, client.result(task).reason);
    }

    @Test
    void shouldNotHoldBadInputAgainstTheScoreOfAWorker() {
        final Rig scored = new Rig(new SequencerConfig()
                .defaultStrategy(Strategy.SCORED)
                .set(Setting.RECENT_ERROR_MS, 10_000)
                .set(Setting.SCORED_THRESHOLD, 600_000)); // As above: an error makes 500 of 1,000.
        final Peer asking = scored.client("c");
        final Peer worker = scored.worker("w", "t");
        asking.submit(Messages.task());
        worker.fail(worker.take(), Reason.BAD_INPUT);
        final long task = asking.submit(Messages.task());
        assertEquals(task, worker.take().taskId);
    }
}
