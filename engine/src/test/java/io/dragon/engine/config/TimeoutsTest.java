package io.dragon.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.Timeouts.Key;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TimeoutsTest {
    private static final long S = 1_000_000_000;
    private static final long MS = 1_000_000;

    @ParameterizedTest
    @ValueSource(strings = {"dev", "ci", "ha", "throughput", "low-latency"})
    void shouldHoldItsOwnConstraintsInEveryProfile(final String name) {
        Timeouts.profile(name).conclude();
    }

    @Test
    void shouldHaveTheValuesThatTheDesignNames() {
        final Timeouts dev = Timeouts.dev();
        assertEquals(S, dev.ns(Key.PARTY_HEARTBEAT));
        assertEquals(10_000, dev.ms(Key.WORKER));
        assertEquals(5_000, dev.ms(Key.NODE));
        assertEquals(60_000, dev.ms(Key.CLIENT));
        assertEquals(50, dev.ms(Key.TICK));
        assertEquals(200, dev.ms(Key.EVENT_LAG));
        assertEquals(50, dev.ms(Key.LOCK_PROBE));
        assertEquals(20_000, dev.ms(Key.HANG_KILL_AFTER));
        final Timeouts ha = Timeouts.ha();
        assertEquals(300, ha.ms(Key.LEADER_HEARTBEAT_TIMEOUT));
        assertEquals(150, ha.ms(Key.ELECTION_TIMEOUT));
        assertEquals(30, ha.ms(Key.LEADER_HEARTBEAT_INTERVAL));
    }

    @Test
    void shouldNameBothValuesOfAConstraintThatFails() {
        final DragonException canvass = assertThrows(
                DragonException.class,
                () -> Timeouts.dev().with(Key.STARTUP_CANVASS, 15 * S).conclude());
        assertEquals(
                "startupCanvass=15000ms must be at least 2 times leaderHeartbeatTimeout=10000ms", canvass.getMessage());
        assertEquals(DragonException.WRONG_USAGE, canvass.exitCode());
        final DragonException liveness = assertThrows(
                DragonException.class,
                () -> Timeouts.dev().with(Key.CLIENT_LIVENESS, 150 * MS).conclude());
        assertTrue(liveness.getMessage().contains("clientLiveness=150ms"), liveness.getMessage());
        assertTrue(liveness.getMessage().contains("driverTimerInterval=100ms"), liveness.getMessage());
        assertThrows(
                DragonException.class, () -> Timeouts.dev().with(Key.TICK, 0).conclude());
    }

    @Test
    void shouldReconnectAfterZeroOneTwoFourEightThenEveryThirtySeconds() {
        final long[] expected = {0, S, 2 * S, 4 * S, 8 * S, 30 * S, 30 * S};
        for (int attempt = 0; attempt < expected.length; attempt++) {
            assertEquals(expected[attempt], Timeouts.dev().reconnectDelayNs(attempt));
        }
    }

    @Test
    void shouldRefuseAProfileItDoesNotKnow() {
        final DragonException refused = assertThrows(DragonException.class, () -> Timeouts.profile("fast"));
        assertTrue(refused.getMessage().contains("'fast'"), refused.getMessage());
    }
}
