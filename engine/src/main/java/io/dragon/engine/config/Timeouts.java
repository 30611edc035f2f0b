package io.dragon.engine.config;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Every timeout and interval of Dragon, in one place, with the constraints between them. Immutable: {@link #with} answers a
 * changed copy, {@link #conclude()} checks it.
 */
public final class Timeouts {
    /** One timeout or interval: its default in the {@code dev} profile, and why it is what it is. */
    public enum Key {
        /** A follower that has not heard the leader for so long starts an election. */
        LEADER_HEARTBEAT_TIMEOUT(SECONDS.toNanos(10)),
        /** How often the leader says that it lives. */
        LEADER_HEARTBEAT_INTERVAL(MILLISECONDS.toNanos(200)),
        /** How long a candidate waits for votes; half of it is the random delay before a nomination. */
        ELECTION_TIMEOUT(SECONDS.toNanos(1)),
        /** How often members tell their state during an election. */
        ELECTION_STATUS_INTERVAL(MILLISECONDS.toNanos(100)),
        /** How long the first start waits for members that are not there; Aeron asks for two heartbeat timeouts. */
        STARTUP_CANVASS(SECONDS.toNanos(60)),
        /** A cluster session without ingress or keep-alive for so long is closed: well above a long GC pause. */
        CLUSTER_SESSION(SECONDS.toNanos(10)),
        /** How long an orderly end of the cluster may take. */
        TERMINATION(SECONDS.toNanos(5)),

        /** An Aeron client silent for so long is dead to the driver; a stopped process blocks its writers no longer. */
        CLIENT_LIVENESS(SECONDS.toNanos(10)),
        /** A driver silent for so long is dead to its clients. */
        DRIVER(SECONDS.toNanos(10)),
        /** How often the driver looks at its timers; the granularity of all its liveness checks. */
        DRIVER_TIMER_INTERVAL(MILLISECONDS.toNanos(100)),
        /** How often an Aeron client says that it lives. */
        DRIVER_KEEP_ALIVE(MILLISECONDS.toNanos(500)),
        /** An image without packets for so long is gone. */
        IMAGE_LIVENESS(SECONDS.toNanos(10)),
        /** A UDP publication without status messages for so long is not connected. */
        PUBLICATION_CONNECTION(SECONDS.toNanos(5)),
        /** A claim that was never committed is skipped after so long; above the liveness of the client that made it. */
        PUBLICATION_UNBLOCK(SECONDS.toNanos(15)),
        /** How long a closed UDP publication still answers loss reports. */
        PUBLICATION_LINGER(SECONDS.toNanos(1)),

        /** How long one attempt to connect to the cluster, or to its new leader, may take. */
        CONNECT(SECONDS.toNanos(5)),
        /** How often a session sends a keep-alive: far inside {@link #CLUSTER_SESSION}. */
        SESSION_KEEP_ALIVE(MILLISECONDS.toNanos(250)),
        /** A session that hears nothing for so long asks for a sign of life, a status summary. */
        SESSION_PROBE(SECONDS.toNanos(1)),
        /** A session that hears nothing for so long, whatever it asks, connects anew. */
        SESSION_SILENCE(SECONDS.toNanos(4)),
        /** How often a party sends a heartbeat. */
        PARTY_HEARTBEAT(SECONDS.toNanos(1)),
        /** An event is acknowledged at the latest after so long: well inside {@link #EVENT_LAG}, yet many ride together. */
        EVENT_ACKNOWLEDGE(MILLISECONDS.toNanos(25)),
        /** A command not acknowledged for so long is sent again, doubling up to {@link #COMMAND_RESEND_MAX}. */
        COMMAND_RESEND(MILLISECONDS.toNanos(500)),
        /** The longest wait between two sends of a command. */
        COMMAND_RESEND_MAX(SECONDS.toNanos(4)),
        /** A registration not answered for so long is tried again, doubling up to eight times. */
        REGISTER_RETRY(SECONDS.toNanos(1)),
        /** A resume not answered for so long is sent again; equal to the lag that counts as a loss. */
        RESUME_RETRY(MILLISECONDS.toNanos(200)),
        /** How long an answer to a query is waited for. */
        QUERY(SECONDS.toNanos(5)),
        /** How long a closing session waits for the acknowledgement of what it has sent. */
        SESSION_LINGER(MILLISECONDS.toNanos(500)),
        /** The last step of the reconnect schedule 0, 1, 2, 4, 8 s: from then on one attempt each so often. */
        RECONNECT_OFFLINE(SECONDS.toNanos(30)),

        /** A worker without a heartbeat for so long is dead; for one that no lock probe watches. */
        WORKER(SECONDS.toNanos(10)),
        /** A node agent without a heartbeat for so long is dead, and with it its host. */
        NODE(SECONDS.toNanos(5)),
        /** A client silent for so long has its tasks cancelled. */
        CLIENT(SECONDS.toNanos(60)),
        /** The sequencer's tick: deadlines and re-emission are at most so late. */
        TICK(MILLISECONDS.toNanos(50)),
        /** An event not acknowledged for so long counts as lost and is emitted again. */
        EVENT_LAG(MILLISECONDS.toNanos(200)),
        /** A worker that hangs longer than this is killed by its supervisor: until then its slots stay pinned. */
        HANG_KILL_AFTER(SECONDS.toNanos(20)),
        /** A task runs at least so long before it counts as timed out. */
        TASK_FLOOR(SECONDS.toNanos(10)),

        /** How often a node agent probes the locks of its processes: a death is known within this and a tick. */
        LOCK_PROBE(MILLISECONDS.toNanos(50)),
        /** How often a node agent looks for pools whose owner is dead. */
        POOL_SWEEP(MILLISECONDS.toNanos(250)),
        /** A frame of another host that has not come is asked for again after so long. */
        FETCH_REPEAT(MILLISECONDS.toNanos(200)),
        /** A host without a node agent for so long brings no frames of others: long enough for one that is restarted. */
        FETCH_AGENT(SECONDS.toNanos(3)),
        /** How long a frame of another host may take: 6 GB at 1 Gbit/s, so that only what will never come is given up. */
        FETCH(SECONDS.toNanos(60)),
        /** How long a restarted master waits for what a killed one left: above Aeron's mark-file liveness of 10 s. */
        RESTART_RETRY(SECONDS.toNanos(12)),
        /** The time between two snapshots of the sequencer. */
        SNAPSHOT_INTERVAL(MINUTES.toNanos(10)),
        /** How long a snapshot may take. */
        SNAPSHOT(SECONDS.toNanos(30));

        private final long defaultNs;

        Key(final long defaultNs) {
            this.defaultNs = defaultNs;
        }

        /**
         * The name as configuration files write it: {@code leaderHeartbeatTimeout}.
         *
         * @return the name in camel case.
         */
        public String key() {
            final StringBuilder name = new StringBuilder();
            for (final String word : name().split("_")) {
                final String lower = word.toLowerCase(Locale.ROOT);
                name.append(name.length() == 0 ? lower : Character.toUpperCase(lower.charAt(0)) + lower.substring(1));
            }
            return name.toString();
        }

        /**
         * The value of the {@code dev} profile.
         *
         * @return nanoseconds.
         */
        public long defaultNs() {
            return defaultNs;
        }
    }

    /** Waits before each attempt to reconnect, in seconds; after the last one {@link Key#RECONNECT_OFFLINE} rules. */
    private static final long[] RECONNECT_SCHEDULE_S = {0, 1, 2, 4, 8};

    private final long[] valuesNs;

    private Timeouts(final long[] valuesNs) {
        this.valuesNs = valuesNs;
    }

    /**
     * The profile for a developer's machine and for one member: nothing here is so short that a busy machine trips over it.
     *
     * @return the default values.
     */
    public static Timeouts dev() {
        final Key[] keys = Key.values();
        final long[] valuesNs = new long[keys.length];
        for (int i = 0; i < keys.length; i++) {
            valuesNs[i] = keys[i].defaultNs();
        }
        return new Timeouts(valuesNs);
    }

    /**
     * The profile for tests: elections within seconds on a machine under full load.
     *
     * @return heartbeat timeout 1 s, election 500 ms, interval 100 ms.
     */
    public static Timeouts ci() {
        return dev().election(1_000, 500, 100)
                .with(Key.CLIENT_LIVENESS, SECONDS.toNanos(5))
                .with(Key.IMAGE_LIVENESS, SECONDS.toNanos(5))
                .with(Key.TERMINATION, SECONDS.toNanos(2));
    }

    /**
     * The profile for high availability, where members have cores of their own and short GC pauses.
     *
     * @return heartbeat timeout 300 ms, election 150 ms, interval 30 ms.
     */
    public static Timeouts ha() {
        return dev().election(300, 150, 30)
                .with(Key.CLIENT_LIVENESS, SECONDS.toNanos(5))
                .with(Key.IMAGE_LIVENESS, SECONDS.toNanos(2))
                .with(Key.PUBLICATION_CONNECTION, SECONDS.toNanos(2))
                .with(Key.DRIVER_TIMER_INTERVAL, MILLISECONDS.toNanos(50))
                .with(Key.TERMINATION, SECONDS.toNanos(2));
    }

    /**
     * The profile that goes with the driver's {@code throughput} profile.
     *
     * @return as {@link #dev()}, with events acknowledged less often.
     */
    public static Timeouts throughput() {
        return dev().with(Key.EVENT_ACKNOWLEDGE, MILLISECONDS.toNanos(50));
    }

    /**
     * The profile that goes with the driver's {@code low-latency} profile.
     *
     * @return as {@link #dev()}, with shorter liveness.
     */
    public static Timeouts lowLatency() {
        return dev().with(Key.CLIENT_LIVENESS, SECONDS.toNanos(5))
                .with(Key.DRIVER_TIMER_INTERVAL, MILLISECONDS.toNanos(50));
    }

    /**
     * A profile by its name.
     *
     * @param name {@code dev}, {@code ci}, {@code ha}, {@code throughput} or {@code low-latency}.
     * @return its timeouts.
     */
    public static Timeouts profile(final String name) {
        return switch (name) {
            case "dev" -> dev();
            case "ci" -> ci();
            case "ha", "reliability" -> ha();
            case "throughput" -> throughput();
            case "low-latency" -> lowLatency();
            default -> throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "there is no timing profile '" + name + "': expected one of "
                            + List.of("dev", "ci", "ha", "throughput", "low-latency"));
        };
    }

    /**
     * A copy with one value changed.
     *
     * @param key     what to change.
     * @param valueNs its new value, nanoseconds.
     * @return the changed copy, not checked yet.
     */
    public Timeouts with(final Key key, final long valueNs) {
        final long[] copy = Arrays.copyOf(valuesNs, valuesNs.length);
        copy[key.ordinal()] = valueNs;
        return new Timeouts(copy);
    }

    /**
     * A value.
     *
     * @param key which.
     * @return nanoseconds.
     */
    public long ns(final Key key) {
        return valuesNs[key.ordinal()];
    }

    /**
     * A value.
     *
     * @param key which.
     * @return whole milliseconds.
     */
    public long ms(final Key key) {
        return ns(key) / 1_000_000;
    }

    /**
     * The wait before an attempt to reconnect: 0, 1, 2, 4, 8 s, then {@link Key#RECONNECT_OFFLINE}.
     *
     * @param attempt 0 for the first.
     * @return nanoseconds.
     */
    public long reconnectDelayNs(final int attempt) {
        return attempt < RECONNECT_SCHEDULE_S.length
                ? Math.min(SECONDS.toNanos(RECONNECT_SCHEDULE_S[attempt]), ns(Key.RECONNECT_OFFLINE))
                : ns(Key.RECONNECT_OFFLINE);
    }

    /**
     * Checks every constraint between the values.
     *
     * @return this.
     * @throws DragonException naming both values of the first constraint that does not hold.
     */
    public Timeouts conclude() {
        for (final Key key : Key.values()) {
            if (ns(key) <= 0) {
                throw new DragonException(DragonException.WRONG_USAGE, text(key) + " must be more than zero");
            }
        }
        atLeast(Key.STARTUP_CANVASS, 2, Key.LEADER_HEARTBEAT_TIMEOUT);
        atLeast(Key.LEADER_HEARTBEAT_TIMEOUT, 2, Key.LEADER_HEARTBEAT_INTERVAL);
        atLeast(Key.ELECTION_TIMEOUT, 2, Key.ELECTION_STATUS_INTERVAL);
        atLeast(Key.CLIENT_LIVENESS, 2, Key.DRIVER_TIMER_INTERVAL);
        atLeast(Key.CLIENT_LIVENESS, 2, Key.DRIVER_KEEP_ALIVE);
        atLeast(Key.DRIVER, 2, Key.DRIVER_KEEP_ALIVE);
        atLeast(Key.IMAGE_LIVENESS, 2, Key.DRIVER_TIMER_INTERVAL);
        above(Key.PUBLICATION_UNBLOCK, Key.CLIENT_LIVENESS);
        atLeast(Key.CLUSTER_SESSION, 4, Key.SESSION_KEEP_ALIVE);
        atLeast(Key.SESSION_SILENCE, 3, Key.SESSION_PROBE);
        above(Key.CLUSTER_SESSION, Key.SESSION_SILENCE);
        atLeast(Key.WORKER, 3, Key.PARTY_HEARTBEAT);
        atLeast(Key.NODE, 3, Key.PARTY_HEARTBEAT);
        atLeast(Key.CLIENT, 3, Key.PARTY_HEARTBEAT);
        atLeast(Key.CLIENT, 1, Key.WORKER);
        atLeast(Key.EVENT_LAG, 2, Key.EVENT_ACKNOWLEDGE);
        atLeast(Key.EVENT_LAG, 2, Key.TICK);
        atLeast(Key.COMMAND_RESEND, 2, Key.TICK);
        atLeast(Key.COMMAND_RESEND_MAX, 1, Key.COMMAND_RESEND);
        atLeast(Key.HANG_KILL_AFTER, 1, Key.WORKER);
        atLeast(Key.POOL_SWEEP, 1, Key.LOCK_PROBE);
        atLeast(Key.FETCH_AGENT, 2, Key.FETCH_REPEAT);
        atLeast(Key.FETCH, 1, Key.FETCH_AGENT);
        above(Key.SNAPSHOT_INTERVAL, Key.SNAPSHOT);
        return this;
    }

    private Timeouts election(final long heartbeatMs, final long electionMs, final long intervalMs) {
        return with(Key.LEADER_HEARTBEAT_TIMEOUT, MILLISECONDS.toNanos(heartbeatMs))
                .with(Key.ELECTION_TIMEOUT, MILLISECONDS.toNanos(electionMs))
                .with(Key.LEADER_HEARTBEAT_INTERVAL, MILLISECONDS.toNanos(intervalMs))
                .with(Key.ELECTION_STATUS_INTERVAL, MILLISECONDS.toNanos(Math.max(5, intervalMs / 2)))
                .with(Key.STARTUP_CANVASS, MILLISECONDS.toNanos(Math.max(2_000, 4 * heartbeatMs)));
    }

    private void atLeast(final Key larger, final int factor, final Key smaller) {
        if (ns(larger) < factor * ns(smaller)) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    text(larger) + " must be at least " + (factor == 1 ? "" : factor + " times ") + text(smaller));
        }
    }

    private void above(final Key larger, final Key smaller) {
        if (ns(larger) <= ns(smaller)) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, text(larger) + " must be more than " + text(smaller));
        }
    }

    private String text(final Key key) {
        final long valueNs = ns(key);
        return key.key() + "=" + (valueNs % 1_000_000 == 0 ? valueNs / 1_000_000 + "ms" : valueNs + "ns");
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder("Timeouts{");
        for (final Key key : Key.values()) {
            text.append(key.ordinal() == 0 ? "" : ", ").append(text(key));
        }
        return text.append('}').toString();
    }
}
