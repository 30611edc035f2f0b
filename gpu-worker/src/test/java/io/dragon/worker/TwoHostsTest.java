package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cameras on host A, workers on host B: two directories, two media drivers, one master on A. */
class TwoHostsTest {
    private static final int STEPS = 12;

    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private EmbeddedDragon hostA;
    private SecondHost hostB;

    @BeforeEach
    void start() {
        hostA = EmbeddedDragon.launch(new EmbeddedDragon.Context().workers(0).errorHandler(errors::add));
        hostB = new SecondHost("b", hostA, errors::add);
    }

    @AfterEach
    void stop() {
        CloseHelper.closeAll(hostB, hostA);
    }

    @Test
    void shouldMakeTheSameMasksAndVoxelsOnAnotherHostBitForBit() {
        final CopyingNodeAgent agentB =
                hostB.with(new CopyingNodeAgent(hostB.directory(), hostA.directory(), hostB.aeronDirectoryName()));
        final CarvedSteps apart;
        try (CopyingNodeAgent agentA =
                new CopyingNodeAgent(hostA.directory(), hostB.directory(), hostA.aeronDirectoryName())) {
            try (WorkerNode one = WorkerNode.launch(hostB.worker("b-1"));
                    WorkerNode two = WorkerNode.launch(hostB.worker("b-2"))) {
                apart = CarvedSteps.run(hostA.connect("apart"), "apart", STEPS);
                assertEquals(0, one.tasksFailed() + two.tasksFailed(), () -> errors.toString());
            }
            assertTrue(agentA.broughtCount >= STEPS, "voxels came to A");
        }
        assertTrue(agentB.broughtCount >= STEPS, "frames came to B");
        hostA.addWorker();
        final CarvedSteps together = CarvedSteps.run(hostA.connect("together"), "together", STEPS);
        assertSame(together, apart);
    }

    private static void assertSame(final CarvedSteps expected, final CarvedSteps actual) {
        assertEquals(Reason.NONE, actual.report.reason());
        assertEquals(expected.report, actual.report);
        assertEquals(expected.slabs.keySet(), actual.slabs.keySet());
        expected.slabs.forEach((step, parts) -> {
            final List<byte[]> others = actual.slabs.get(step);
            assertEquals(parts.size(), others.size(), () -> "parts of step " + step);
            for (int i = 0; i < parts.size(); i++) {
                assertArrayEquals(parts.get(i), others.get(i), "part " + i + " of step " + step);
            }
        });
        assertEquals(expected.masks.keySet(), actual.masks.keySet());
        expected.masks.forEach((key, mask) -> assertArrayEquals(mask, actual.masks.get(key), () -> "mask " + key));
    }
}
