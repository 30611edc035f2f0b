package io.dragon.engine.node;

import io.dragon.engine.config.DiscoveryConfig;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/** How a process takes part in discovery. Set up by one thread, then only read. */
public final class DiscoveryContext {
    private DiscoveryConfig config = new DiscoveryConfig(true, 9_999, "dragon", List.of());
    private byte[] secret;
    private Supplier<List<HostAddress>> interfaces = HostAddress::all;
    private Consumer<String> log = line -> {};
    private EpochClock epochClock = SystemEpochClock.INSTANCE;
    private NanoClock nanoClock = SystemNanoClock.INSTANCE;

    /** A context with every default. */
    public DiscoveryContext() {}

    /**
     * Port, name of the system, and hosts that are asked directly.
     *
     * @param config the section {@code discovery}.
     * @return this.
     */
    public DiscoveryContext config(final DiscoveryConfig config) {
        this.config = config;
        return this;
    }

    /** {@return port, name of the system, and hosts that are asked directly: the section discovery} */
    public DiscoveryConfig config() {
        return config;
    }

    /**
     * What datagrams are signed with.
     *
     * @param secret as {@link HostSecret} reads it; null: they are not signed.
     * @return this.
     */
    public DiscoveryContext secret(final byte[] secret) {
        this.secret = secret == null ? null : secret.clone();
        return this;
    }

    byte[] secret() {
        return secret;
    }

    /**
     * Takes a line for people when something becomes known.
     *
     * @param log called on the thread that does discovery.
     * @return this.
     */
    public DiscoveryContext log(final Consumer<String> log) {
        this.log = log;
        return this;
    }

    /** {@return takes a line for people when something becomes known: called on the thread that does discovery} */
    public Consumer<String> log() {
        return log;
    }

    /** Stands in for the host's interfaces in tests. */
    DiscoveryContext interfaces(final Supplier<List<HostAddress>> interfaces) {
        this.interfaces = interfaces;
        return this;
    }

    Supplier<List<HostAddress>> interfaces() {
        return interfaces;
    }

    /** The clock of the time of day, for tests. */
    DiscoveryContext epochClock(final EpochClock epochClock) {
        this.epochClock = epochClock;
        return this;
    }

    EpochClock epochClock() {
        return epochClock;
    }

    /** The clock of intervals, for tests. */
    DiscoveryContext nanoClock(final NanoClock nanoClock) {
        this.nanoClock = nanoClock;
        return this;
    }

    NanoClock nanoClock() {
        return nanoClock;
    }

    /** Says which of the hosts that are asked directly are not known. */
    void tellUnknown(final HostNames names) {
        for (final String host : names.unknown()) {
            if (config.peers().contains(host)) {
                log.accept("'discovery.peers' names " + host
                        + ", of which this host knows no IPv4 address: it is left out until it does");
            }
        }
    }
}
