package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.sequencer.Messages.Frame;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DependenciesTest {
    private final Rig rig = new Rig();
    private final Peer client = rig.client("c");
    private final Peer worker = rig.worker("w", "t");

    {
        worker.send(Messages.pool(0xB0));
        client.send(Messages.pool(0xC0));
    }

    private static Frame output(final int number) {
        return new Frame(0xB0, number, number, 64);
    }

    private static Frame input(final int number) {
        return new Frame(0xC0, number, number, 64);
    }

    @Test
    void shouldAssignADependantOnlyWhenItsDependenciesAreDoneAndGiveItTheirOutputsInOrder() {
        final long a = client.submit(Messages.task());
        final long b = client.submit(Messages.task());
        final long c = client.submit(Messages.task().after(b, a).inputs(input(1)));
        final Event first = worker.take();
        final Event second = worker.take();
        worker.complete(second, output(2), output(3));
        assertTrue(worker.assigned.isEmpty());
        worker.complete(first, output(1));
        final Event dependant = worker.take();
        assertEquals(c, dependant.taskId);
        assertEquals(List.of(input(1), output(2), output(3), output(1)), dependant.frames);
        assertEquals(List.of(65_534, 0, 0, 1), dependant.sources);
        assertEquals(a, first.taskId);
    }

    @Test
    void shouldRefuseAnUnknownDependencyAsAFailedTask() {
        final long task = client.submit(Messages.task().after(4711));
        assertEquals(TaskState.FAILED, client.result(task).state);
        assertEquals(Reason.UNKNOWN_DEPENDENCY, client.result(task).reason);
    }

    @Test
    void shouldKnowADependencyThatIsCompletedUntilItsResultIsAcknowledged() {
        final long a = client.submit(Messages.task());
        worker.complete(worker.take(), output(1));
        client.lastEvent = 0; // Not acknowledged yet.
        final long held = client.submit(Messages.task().after(a));
        assertEquals(List.of(output(1)), worker.assigned.get(0).frames);
        worker.complete(worker.take());
        client.lastEvent = rig.sequencer.core().parties.get(client.id).lastEvent;
        client.heartbeat();
        final long forgotten = client.submit(Messages.task().after(a));
        assertEquals(Reason.UNKNOWN_DEPENDENCY, client.result(forgotten).reason);
        assertEquals(TaskState.COMPLETED, client.result(held).state);
    }

    @Test
    void shouldFailDependantsOfAFailedTaskThroughAChainLongerThanAStack() {
        final Rig large = new Rig(new SequencerConfig().set(Setting.MAX_OPEN_TASKS_PER_CLIENT, 50_000));
        final Peer c = large.client("c");
        c.send(Messages.type("t"));
        long last = c.submit(Messages.task());
        final long first = last;
        for (int i = 0; i < 40_000; i++) {
            last = c.submit(Messages.task().after(last));
        }
        c.send(Messages.cancel(first));
        assertEquals(Reason.DEPENDENCY_FAILED, c.result(last).reason);
    }

    @Test
    void shouldLeaveAFailedOptionalDependencyOutOfTheInputs() {
        final long a = client.submit(Messages.task());
        final long b = client.submit(Messages.task());
        client.submit(Messages.task().after(a, b).optional());
        worker.fail(worker.take(), Reason.BAD_INPUT);
        worker.complete(worker.take(), output(7));
        final Event dependant = worker.take();
        assertEquals(List.of(Frame.NULL, output(7)), dependant.frames);
        assertEquals(List.of(true, false), dependant.absent);
    }

    @Test
    void shouldRefuseMoreThan32Dependencies() {
        final long a = client.submit(Messages.task());
        final long ok = client.submit(
                Messages.task().after(LongStream.generate(() -> a).limit(32).toArray()));
        final long bad = client.submit(
                Messages.task().after(LongStream.generate(() -> a).limit(33).toArray()));
        assertEquals(Reason.TOO_MANY_DEPENDENCIES, client.result(bad).reason);
        worker.complete(worker.take());
        assertEquals(ok, worker.take().taskId);
    }

    @Test
    void shouldFailATaskWhoseAssignmentWouldHaveMoreThan40Inputs() {
        final long a = client.submit(Messages.task());
        final long b = client.submit(Messages.task()
                .after(a)
                .inputs(IntStream.range(0, 40).mapToObj(DependenciesTest::input).toArray(Frame[]::new)));
        worker.complete(worker.take(), output(1));
        assertEquals(Reason.TOO_MANY_INPUTS, client.result(b).reason);
        assertEquals(40, client.released().size());
    }

    @Test
    void shouldFailATaskWhoseAssignmentWouldNotFitAMessage() {
        final long task = client.submit(Messages.task()
                .parameters(new byte[200])
                .inputs(IntStream.range(0, 40).mapToObj(DependenciesTest::input).toArray(Frame[]::new)));
        assertEquals(Reason.TOO_MANY_INPUTS, client.result(task).reason);
    }

    @Test
    void shouldReleaseInputsWhenEveryTaskThatNamesThemIsTerminal() {
        client.submit(Messages.task().inputs(input(1)));
        client.submit(Messages.task().inputs(input(1)));
        worker.complete(worker.take());
        assertEquals(List.of(), client.released());
        worker.complete(worker.take());
        assertEquals(List.of(input(1)), client.released());
    }

    @Test
    void shouldHoldOutputsUntilTheResultIsAcknowledgedAndEveryDependantIsTerminal() {
        final long a = client.submit(Messages.task());
        client.submit(Messages.task().after(a));
        worker.complete(worker.take(), output(1));
        client.heartbeat();
        assertFalse(worker.released().contains(output(1)));
        worker.complete(worker.take());
        assertTrue(worker.released().contains(output(1)));
    }

    @Test
    void shouldReleaseTheInputsOfARefusedTask() {
        client.submit(Messages.task().after(99).inputs(input(1)));
        assertEquals(List.of(input(1)), client.released());
    }

    @Test
    void shouldRefuseAFrameOfAnUnknownPool() {
        final long task = client.submit(Messages.task().inputs(new Frame(0xEE, 1, 1, 1), input(2)));
        assertEquals(Reason.INPUT_LOST, client.result(task).reason);
        assertEquals(List.of(input(2)), client.released());
    }

    @Test
    void shouldRefuseAnUnknownTypeAndAnImpossiblePriority() {
        assertEquals(
                Reason.UNKNOWN_TASK_TYPE,
                client.result(client.submit(Messages.task().type(9))).reason);
        assertEquals(
                Reason.MALFORMED, client.result(client.submit(Messages.task().priority(8))).reason);
    }

    @Test
    void shouldFailADependantWhoseInputWasLostWithItsHostAndLeaveAnOptionalOneOut() {
        final Peer node = rig.node("n");
        final Peer far = rig.join(io.dragon.codecs.control.PartyKind.WORKER, "far", 2, node.id);
        worker.send(Messages.unregister());
        far.send(Messages.type("t"));
        far.send(Messages.pool(0xF0));
        final Frame lost = new Frame(0xF0, 1, 1, 1);
        final long a = client.submit(Messages.task());
        final long b = client.submit(Messages.task());
        final long hard = client.submit(Messages.task().after(a, b));
        final long soft = client.submit(Messages.task().after(a, b).optional());
        far.complete(far.take(), lost);
        rig.pass(6_000, client);
        final Peer near = rig.worker("near", "t");
        near.complete(near.take());
        final Event optional = near.take();
        assertEquals(soft, optional.taskId);
        assertEquals(List.of(true), optional.absent);
        assertEquals(Reason.INPUT_LOST, client.result(hard).reason);
    }

    @Test
    void shouldKeepTheFramesOfADeadWorkerWhoseHostLives() {
        final Peer node = rig.node("n@host");
        final long a = client.submit(Messages.task());
        final Event first = worker.take();
        client.submit(Messages.task().after(a));
        worker.complete(first, output(5));
        node.send(Messages.dead(worker.id, worker.incarnation));
        node.send(Messages.orphaned(0xB0));
        final Peer other = rig.worker("x", "t");
        final Event dependant = other.take();
        assertEquals(List.of(output(5)), dependant.frames);
        assertEquals(
                0,
                node.all(io.dragon.codecs.control.PoolReleasedDecoder.TEMPLATE_ID)
                        .size());
        other.complete(dependant);
        client.heartbeat();
        assertEquals(
                1,
                node.all(io.dragon.codecs.control.PoolReleasedDecoder.TEMPLATE_ID)
                        .size());
    }

    @Test
    void shouldReleaseAPoolThatNobodyKnowsAtOnce() {
        final Peer node = rig.node("n");
        node.send(Messages.orphaned(0x77));
        assertEquals(
                1,
                node.all(io.dragon.codecs.control.PoolReleasedDecoder.TEMPLATE_ID)
                        .size());
    }

    @Test
    void shouldNameTheSameInputsWhenAnAssignmentIsEmittedAgainThoughOneWasLostSince() {
        final Peer node = rig.node("n");
        final Peer far = rig.join(io.dragon.codecs.control.PartyKind.WORKER, "far", 1, node.id);
        far.send(Messages.type("t"));
        far.send(Messages.pool(0xF0));
        worker.send(Messages.unregister());
        final long a = client.submit(Messages.task());
        client.submit(Messages.task().after(a).inputs(input(1)));
        final Peer near = rig.worker("near", "t");
        near.deaf = true;
        rig.pass(3_000, client, near, far);
        far.complete(far.take(), new Frame(0xF0, 1, 1, 1));
        far.send(Messages.unregister());
        rig.pass(3_000, client, near);
        near.deaf = false;
        near.sendAs(Messages.resume(1), 0);
        final Event again = near.take();
        assertEquals(List.of(false, false), again.absent);
        assertEquals(0xF0, again.frames.get(1).pool());
        near.fail(again, Reason.INPUT_LOST);
        assertEquals(Reason.INPUT_LOST, client.results().get(client.results().size() - 1).reason);
    }
}
