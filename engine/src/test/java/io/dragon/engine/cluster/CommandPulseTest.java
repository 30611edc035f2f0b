package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.dragon.engine.config.Timeouts;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.NanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CommandPulseTest {
    private final Scratch scratch = new Scratch();
    private final AtomicReference<CommandPulse> pulse = new AtomicReference<>();
    private final Thread marking = Thread.currentThread();

    @AfterEach
    void after() {
        scratch.close();
    }

    /** The pulse took the mark before for the new one, found it answered before it was set, and the new one was never answered. */
    @Test
    void shouldAnswerAMarkThatCommandsAreAcknowledgedBeside() {
        final MasterNode master = scratch.closing(MasterNode.launch(new MasterContext()
                .directory(scratch.directory().resolve("master"))
                .mediaDriverDirectory(scratch.directory().resolve("aeron"))
                .basePort(Scratch.freeBasePort())
                .timeouts(Timeouts.ci())
                .logTermLength(1 << 20)
                .errorHandler(scratch::onError)));
        final NanoClock clock = () -> {
            if (Thread.currentThread() == marking && pulse.get() != null) {
                awaitCommands(3);
            }
            return System.nanoTime();
        };
        final CommandPulse running = scratch.closing(new CommandPulse(
                TestClient.context(scratch, master, Timeouts.ci()).nanoClock(clock), "pulse", 1_000));
        scratch.await("the first command", () -> running.sequenced() > 0);
        pulse.set(running);
        for (int i = 0; i < 3; i++) {
            running.mark();
            scratch.await("the mark to be answered", () -> running.silenceNs() >= 0);
        }
        assertEquals(1, running.registrations());
    }

    private void awaitCommands(final int count) {
        final long before = pulse.get().sequenced();
        scratch.await("commands beside", () -> pulse.get().sequenced() >= before + count);
    }
}
