package io.dragon.engine.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.config.Timeouts;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RegistrationTest {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private long nowNs = 1_000 * SECOND_NS;
    private final Registration registration =
            new Registration(null, PartyKind.WORKER, "w", new PartyOptions(), Timeouts.ci());

    private void register() {
        registration.later(nowNs); // it was sent
        nowNs += SECOND_NS;
        registration.onRegistered(1, 1, nowNs);
    }

    @Test
    void shouldBackOffMoreAndMoreWhenARivalOfItsNameFencesItSoonAfterItRegistered() {
        long waitedNs = 0;
        for (int i = 0; i < 4; i++) {
            register();
            final long fencedNs = nowNs + SECOND_NS;
            registration.onFenced(fencedNs);
            assertFalse(registration.isDue(fencedNs));
            for (nowNs = fencedNs; !registration.isDue(nowNs); nowNs += SECOND_NS / 4) {
                assertTrue(nowNs - fencedNs <= 8 * SECOND_NS);
            }
            waitedNs = nowNs - fencedNs;
        }
        assertTrue(waitedNs >= 8 * SECOND_NS);
    }

    /** Two outages one after the other, of the driver for instance, had it wait for up to 8 s after the second. */
    @Test
    void shouldRegisterAtOnceWhenItWasGivenUpWhileItHadNoConnection() {
        for (int i = 0; i < 4; i++) {
            register();
            registration.onReconnected();
            registration.onFenced(nowNs + SECOND_NS);
            assertTrue(registration.isDue(nowNs + SECOND_NS));
        }
        register();
        registration.onFenced(nowNs + SECOND_NS);
        assertFalse(registration.isDue(nowNs + SECOND_NS), "this one has a rival");
    }
}
