package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FuzzTest {
    private static final Messages.Frame FRAME = new Messages.Frame(0xC0, 1, 1, 10);

    private final Rig rig = new Rig();

    private static List<byte[]> commands(final SplittableRandom random) {
        final long task = Tasks.id(1 + random.nextInt(3), random.nextInt(50));
        return List.of(
                Messages.heartbeat(1, 0),
                Messages.resume(1),
                Messages.type("t" + random.nextInt(5)),
                Messages.task()
                        .inputs(FRAME)
                        .after(task)
                        .parameters(new byte[20])
                        .encode(),
                Messages.task().optional().deadlineMs(50).encode(),
                Messages.cancel(task),
                Messages.complete(task, 1, Reason.NONE, "x", FRAME, FRAME),
                Messages.complete(task, 1, Reason.HANDLER_FAILED, "x"),
                Messages.pool(0xC0 + random.nextInt(3)),
                Messages.published(random.nextInt(20), 5, FRAME),
                Messages.orphaned(0xC0 + random.nextInt(3)),
                Messages.dead(1 + random.nextInt(5), 1),
                Messages.job().cameras(4, 5).encode(),
                Messages.closeJob(task),
                Messages.allocate(new int[] {4, 5}, new int[] {1, 1}),
                Messages.settings(new SequencerConfig()),
                Messages.query(random.nextInt(9), random.nextInt(3)),
                Messages.incident(
                        IncidentKind.get((short) (1 + random.nextInt(28))),
                        IncidentRule.get((short) (1 + random.nextInt(24))),
                        random.nextInt(9),
                        random.nextInt(3) - 1,
                        random.nextInt(9),
                        "seen " + random.nextInt(5)),
                Messages.supervised(
                        "w" + random.nextInt(9),
                        SupervisedState.get((short) (1 + random.nextInt(5))),
                        random.nextInt(3),
                        100,
                        random.nextInt(2),
                        "why"),
                Messages.register(
                        random.nextLong(),
                        PartyKind.get((short) (1 + random.nextInt(5))),
                        "p" + random.nextInt(9),
                        2,
                        1),
                Messages.nodeReport(
                        random.nextInt(99),
                        random.nextInt(1_100),
                        random.nextInt(9) - 1,
                        random.nextBoolean() ? "10.0.0.1 fe80::1" : "what"),
                Messages.linkReport(
                        Messages.Told.up(1 + random.nextInt(10), random.nextInt(9_000_000)),
                        Messages.Told.down(1 + random.nextInt(10)),
                        Messages.Told.degraded(1 + random.nextInt(10), random.nextInt(9_000_000))),
                Messages.routeQuery(3, random.nextInt(5), random.nextInt(9)),
                Messages.poolQuery(0xC0 + random.nextInt(3)),
                Messages.optimize(4),
                Messages.unregister());
    }

    @Test
    void shouldNeitherThrowNorBreakItsStateOnMutatedCommands() {
        for (long seed = 1; seed <= 60; seed++) {
            final SplittableRandom random = new SplittableRandom(seed);
            final Rig one = new Rig();
            one.client("a");
            one.client("b");
            one.worker("w", "t0", "t1");
            one.camera("x");
            one.camera("y");
            one.node("n");
            one.node("m");
            one.node("o");
            one.join(PartyKind.MASTER, "member-0", 0, 0);
            try {
                for (int i = 0; i < 1_000; i++) {
                    mutated(one, random);
                    if (i % 100 == 0) {
                        Invariants.check(one.sequencer.core());
                        one.restart();
                    }
                }
                Invariants.check(one.sequencer.core());
            } catch (final RuntimeException | AssertionError ex) {
                throw new AssertionError("seed " + seed + ": " + ex, ex);
            }
        }
    }

    private static void mutated(final Rig one, final SplittableRandom random) {
        final List<byte[]> commands = commands(random);
        byte[] message = commands.get(random.nextInt(commands.size())).clone();
        if (message.length >= 32 && message[2] != 1 && message[2] != 110) {
            final Party party = one.sequencer.core().parties.get(1 + random.nextInt(10));
            if (party != null) {
                Messages.address(message, party.id, party.incarnation, party.lastSeq + 1, random.nextInt(100));
            }
        }
        for (int flips = random.nextInt(4); flips > 0; flips--) {
            message[random.nextInt(message.length)] = (byte) random.nextInt();
        }
        if (random.nextInt(8) == 0) {
            message = java.util.Arrays.copyOf(message, random.nextInt(message.length + 1));
        }
        // Exactly as large as the message, so that any read behind its end is an exception.
        one.sequencer.onCommand(
                random.nextInt(3), new UnsafeBuffer(message), 0, message.length, one.nowMs += random.nextInt(3));
        if (random.nextInt(20) == 0) {
            one.tick();
        }
        one.events.clear();
        one.replies.clear();
    }

    @Test
    void shouldIgnoreRandomBytes() {
        final SplittableRandom random = new SplittableRandom(7);
        final Peer client = rig.client("c");
        client.send(Messages.type("t"));
        final List<Integer> lengths = new ArrayList<>(List.of(0, 1, 7, 8, 31, 32, 1_344));
        for (int i = 0; i < 20_000; i++) {
            final byte[] bytes = new byte[i < lengths.size() ? lengths.get(i) : random.nextInt(200)];
            random.nextBytes(bytes);
            if (bytes.length >= 8 && random.nextBoolean()) {
                bytes[2] = (byte) random.nextInt(120);
                bytes[3] = 0;
                bytes[4] = 1;
                bytes[5] = 0;
            }
            rig.sequencer.onCommand(1, new UnsafeBuffer(bytes), 0, bytes.length, rig.nowMs);
        }
        Invariants.check(rig.sequencer.core());
        assertEquals(0, rig.sequencer.core().tasks.table.size());
    }

    @Test
    void shouldFailASubmitThatCannotBeReadAsATask() {
        final Peer client = rig.client("c");
        final byte[] message = Messages.task().parameters(new byte[50]).encode();
        final byte[] cut = java.util.Arrays.copyOf(message, message.length - 10);
        final long task = Tasks.id(client.id, client.send(cut));
        assertEquals(TaskState.FAILED, client.result(task).state);
        assertEquals(Reason.MALFORMED, client.result(task).reason);
    }

    @Test
    void shouldFailASubmitWhoseGroupClaimsEntriesThatAreTooSmall() {
        final Peer client = rig.client("c");
        final byte[] message = Messages.task().inputs(FRAME, FRAME).encode();
        // The last group, 4 bytes of dimensions and two references, and empty parameters end the message.
        final int at = message.length - 2 - 2 * 24 - 4;
        new UnsafeBuffer(message).putShort(at, (short) 1);
        new UnsafeBuffer(message).putShort(at + 2, (short) 48);
        final long task = Tasks.id(client.id, client.send(message));
        assertEquals(Reason.MALFORMED, client.result(task).reason);
    }
}
