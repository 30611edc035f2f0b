package io.dragon.engine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.config.DragonException;
import org.junit.jupiter.api.Test;

/** What an outcome says of a task that did not complete. */
final class TaskOutcomeTest {
    private static String words(final Reason reason, final TaskState state, final String text, final int attempts) {
        final TaskOutcome outcome =
                new TaskOutcome(7, state, reason, text, new Passport(0, 0, 0, 0, 0, 0, 0, 0, 0, 1)).ran(attempts, 0);
        return assertThrows(DragonException.class, outcome::orThrow).getMessage();
    }

    @Test
    void shouldSayThatNoWorkerTookATaskThatExpired() {
        assertEquals(
                "task 7 ended as EXPIRED (DEADLINE_EXPIRED): its deadline came before any worker took it; 'dragon status' names"
                        + " the types that tasks wait for and no worker runs",
                words(Reason.DEADLINE_EXPIRED, TaskState.EXPIRED, "", 0));
        assertEquals(
                "task 7 ended as EXPIRED (DEADLINE_EXPIRED)", words(Reason.DEADLINE_EXPIRED, TaskState.EXPIRED, "", 1));
        assertEquals(
                "task 7 ended as FAILED (HANDLER_FAILED): because",
                words(Reason.HANDLER_FAILED, TaskState.FAILED, "because", 1));
    }
}
