package io.dragon.engine.sequencer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.SettingsEncoder;
import io.dragon.engine.sequencer.Rig.Peer;
import io.dragon.engine.sequencer.balance.Strategy;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private final Rig rig = new Rig();

    /** Every value another than the default. */
    private static SequencerConfig changed() {
        final SequencerConfig config = new SequencerConfig();
        for (final Setting setting : Setting.values()) {
            config.set(setting, config.get(setting) + 1);
        }
        return config.set(Setting.RESUME_BATCH, 77) // otherwise what MAX_SPLIT is
                .defaultStrategy(Strategy.ROUND_ROBIN)
                .strategy("z", Strategy.LEAST_LOADED)
                .strategy("\u00e4", Strategy.LEAST_LOADED);
    }

    @Test
    void shouldCarryEveryValueThroughTheMessageAndTheSnapshot() throws IllegalAccessException {
        final SequencerConfig config = changed();
        rig.settings(config);
        rig.restart();
        final SequencerConfig held = rig.sequencer.core().config;
        for (final Setting setting : Setting.values()) {
            assertEquals(config.get(setting), held.get(setting), setting.toString());
        }
        int fields = 0;
        for (final Field field : SequencerConfig.class.getDeclaredFields()) {
            if (field.getType() == int.class) {
                final String name = field.getName().replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
                assertEquals(config.get(Setting.valueOf(name)), field.getInt(held), name);
                fields++;
            }
        }
        assertTrue(fields > 0);
        assertEquals(Strategy.ROUND_ROBIN, held.defaultStrategy());
        assertEquals(Strategy.LEAST_LOADED, held.strategy("z"));
        assertEquals(Strategy.LEAST_LOADED, held.strategy("\u00e4"));
        assertEquals(Strategy.ROUND_ROBIN, held.strategy("other"));
        assertEquals(rig.sequencer.core().config.get(Setting.TICK_MS), rig.sequencer.tickMs());
    }

    @Test
    void shouldSayWhichSettingContradictsWhich() {
        assertEquals(
                "eventLagMs is 80, expected 100 to 60000",
                contradiction(new SequencerConfig().set(Setting.TICK_MS, 100).set(Setting.EVENT_LAG_MS, 80)));
        assertEquals(
                "workerTimeoutMs is 99, expected 100 to 2147483647",
                contradiction(new SequencerConfig().set(Setting.WORKER_TIMEOUT_MS, 99)));
        assertEquals(
                "taskTimeoutInitialMs is 4999, expected 5000 to 2147483647",
                contradiction(new SequencerConfig().set(Setting.TASK_TIMEOUT_INITIAL_MS, 4_999)));
        assertEquals(
                "maxOpenTasksPerClient is 4096, expected 1 to 64",
                contradiction(new SequencerConfig().set(Setting.TASK_CAPACITY, 64)));
        assertEquals(
                "maxSplit is 0, expected 1 to 65535", contradiction(new SequencerConfig().set(Setting.MAX_SPLIT, 0)));
    }

    private static String contradiction(final SequencerConfig config) {
        return assertThrows(IllegalStateException.class, config::conclude).getMessage();
    }

    @Test
    void shouldNotSeeWhatItsMakerDoesWithTheConfigLater() {
        final SequencerConfig mine = new SequencerConfig();
        final Sequencer sequencer = new Sequencer(mine, rig);
        final long before = sequencer.stateHash();
        mine.set(Setting.DEFAULT_MAX_ATTEMPTS, 9).strategy("t", Strategy.ROUND_ROBIN);
        assertEquals(before, sequencer.stateHash());
    }

    @Test
    void shouldHoldFromItsPlaceInTheLogOn() {
        final Peer client = rig.client("c");
        final Peer worker = rig.worker("w", "t");
        rig.settings(new SequencerConfig().set(Setting.DEFAULT_MAX_ATTEMPTS, 1));
        final long strict = client.submit(Messages.task());
        rig.settings(new SequencerConfig().set(Setting.DEFAULT_MAX_ATTEMPTS, 2));
        final long lenient = client.submit(Messages.task());
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        worker.fail(worker.take(), Reason.HANDLER_FAILED);
        assertEquals(strict, client.results().get(0).taskId);
        assertEquals(1, client.results().size());
        worker.complete(worker.take());
        assertEquals(lenient, client.results().get(1).taskId);
    }

    @Test
    void shouldMoveTheWorkersOfATypeToItsNewStrategyInTheirOrder() {
        for (final String next : List.of(Strategy.ROUND_ROBIN, Strategy.LEAST_LOADED)) {
            final Rig one = new Rig();
            final Rig other = new Rig();
            for (final Rig each : List.of(one, other)) {
                each.settings(new SequencerConfig()
                        .defaultStrategy(
                                next.equals(Strategy.ROUND_ROBIN) ? Strategy.LEAST_LOADED : Strategy.ROUND_ROBIN));
                final Peer client = each.client("c");
                for (int i = 0; i < 5; i++) {
                    each.worker("w" + i, "t");
                }
                for (int i = 0; i < 7; i++) {
                    client.submit(Messages.task());
                }
                each.settings(new SequencerConfig().defaultStrategy(next));
            }
            other.restart(); // What came through a snapshot goes on like what did not.
            for (final Rig each : List.of(one, other)) {
                final Peer client = each.peers.get(0);
                for (int i = 0; i < 6; i++) {
                    client.submit(Messages.task());
                }
                Invariants.check(each.sequencer.core());
            }
            assertEquals(
                    Strategy.of(next).getClass(),
                    one.sequencer.core().types.get(1).strategy.getClass());
            assertArrayEquals(Snapshots.bytes(one.sequencer), Snapshots.bytes(other.sequencer));
        }
    }

    @Test
    void shouldIgnoreAndCountSettingsThatAPartySends() {
        final Peer client = rig.client("c");
        final SequencerConfig before = rig.sequencer.core().config;
        final long malformed = rig.sequencer.core().counters[Counters.MALFORMED];
        final byte[] forged = Messages.settings(new SequencerConfig().set(Setting.TASK_CAPACITY, 8_192));
        rig.command(forged);
        client.sendAs(forged.clone(), client.seq + 1);
        assertEquals(before, rig.sequencer.core().config);
        assertEquals(malformed + 2, rig.sequencer.core().counters[Counters.MALFORMED]);
    }

    @Test
    void shouldIgnoreSettingsThatAreDamaged() {
        final byte[] whole = Messages.settings(new SequencerConfig().strategy("t", Strategy.ROUND_ROBIN));
        final SplittableRandom random = new SplittableRandom(3);
        for (int length = 0; length < whole.length; length++) {
            assertNull(Settings.decode(new UnsafeBuffer(whole, 0, length), 0, length), "cut to " + length);
        }
        for (int i = 0; i < 20_000; i++) {
            final byte[] message = whole.clone();
            message[random.nextInt(message.length)] = (byte) random.nextInt();
            final SequencerConfig settings = Settings.decode(new UnsafeBuffer(message), 0, message.length);
            if (settings != null) {
                settings.conclude();
            }
        }
        final byte[] contradicting = whole.clone();
        new UnsafeBuffer(contradicting).putInt(8 + SettingsEncoder.tickMsEncodingOffset(), 0);
        rig.sequencer.onSettings(new UnsafeBuffer(contradicting), 0, contradicting.length, rig.nowMs);
        assertEquals(1, rig.sequencer.core().counters[Counters.MALFORMED]);
        assertEquals(50, rig.sequencer.tickMs());
    }

    @Test
    void shouldSayWhenStrategiesDoNotFitTheMessage() {
        final SequencerConfig config = new SequencerConfig();
        final List<String> names = new ArrayList<>();
        while (names.size() < 13) {
            names.add("n".repeat(46) + (10 + names.size()));
            config.strategy(names.get(names.size() - 1), Strategy.LEAST_LOADED);
        }
        assertTrue(Sequencer.encodeSettings(config, 1, 1, new UnsafeBuffer(new byte[Settings.MAX_LENGTH])) > 900);
        config.strategy("one more", Strategy.ROUND_ROBIN);
        final String text =
                assertThrows(IllegalStateException.class, config::conclude).getMessage();
        assertTrue(text.contains("14 task types"), text);
    }
}
