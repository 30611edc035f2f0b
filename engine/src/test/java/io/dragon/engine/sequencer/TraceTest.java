package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.sequencer.Rig.Peer;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceTest {
    private final Rig rig = new Rig();
    private final TraceNotes notes = new TraceNotes();

    @Test
    void shouldTellTheWholeLifeOfATaskThatFailsOnceAndLosesAWorker() {
        final Peer client = rig.client("c");
        final Peer node = rig.node("n@host");
        rig.sequencer.trace(notes);
        final Peer first = rig.worker("w1", "t");
        final Peer second = rig.worker("w2", "t");
        client.submit(Messages.task());
        first.fail(first.take(), Reason.HANDLER_FAILED);
        node.send(Messages.dead(second.id, second.incarnation));
        first.complete(first.take());
        client.heartbeat();
        assertEquals(
                List.of(
                        "registered",
                        "registered",
                        "submitted",
                        "ready",
                        "assigned",
                        "answered",
                        "retried",
                        "assigned",
                        "gone",
                        "reassigned",
                        "assigned",
                        "answered",
                        "ended",
                        "told",
                        "acknowledged"),
                notes.events());
        assertTrue(
                notes.lines.contains("excluded " + first.id + ": the task failed there just before"),
                notes.lines::toString);
        assertTrue(notes.lines.contains("retried " + first.id + " HANDLER_FAILED 1/3"), notes.lines::toString);
        assertTrue(
                notes.lines.contains("gone " + second.id + " its node found its process dead"), notes.lines::toString);
    }

    @Test
    void shouldTellThatATaskIsTriedAgainInSmallerPieces() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        rig.sequencer.trace(notes);
        client.submit(Messages.task());
        worker.fail(worker.take(), Reason.OUT_OF_MEMORY);
        assertEquals(List.of("submitted", "ready", "assigned", "answered", "split", "assigned"), notes.events());
        assertTrue(notes.lines.contains("split 2"), notes.lines::toString);
    }

    @Test
    void shouldTellThatATaskStandsAsideAndIsLookedAtAgain() {
        final Peer client = rig.client("c");
        final Peer first = rig.worker("w1", "t");
        final Peer second = rig.worker("w2", "t");
        for (int i = 0; i < 4; i++) {
            client.submit(Messages.task());
        }
        rig.sequencer.trace(notes);
        first.fail(first.take(), Reason.HANDLER_FAILED);
        assertEquals(List.of("answered", "retried", "parked"), notes.events());
        second.complete(second.take());
        assertEquals(
                List.of("answered", "retried", "parked", "answered", "resumed", "ended", "assigned", "told"),
                notes.events());
    }
}
