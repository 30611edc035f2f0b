package io.dragon.engine.cluster;

import io.dragon.engine.node.DiscoveryContext;
import io.dragon.engine.node.HostAddress;
import io.dragon.engine.transfer.TransferContext;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How a host agent has to do with other hosts. Set up by one thread, then only read. */
public final class NetworkContext {
    private static final int PROBE_PORT = 9_878;

    private List<String> addresses = List.of();
    private int probePort = PROBE_PORT;
    private byte[] secret;
    private DiscoveryContext discovery;
    private Supplier<TransferContext> transfer;
    private Consumer<String> log = line -> {};
    private Supplier<List<HostAddress>> interfaces = HostAddress::all;

    /** A context with every default: probes, no discovery, no transfer. */
    public NetworkContext() {}

    /**
     * On which of its addresses other hosts reach this one.
     *
     * @param addresses addresses, or ranges that they lie in, the preferred first; empty for all but loopback.
     * @return this.
     */
    public NetworkContext addresses(final List<String> addresses) {
        this.addresses = addresses;
        return this;
    }

    /** {@return on which of its addresses other hosts reach this one: addresses or ranges, the preferred first} */
    public List<String> addresses() {
        return addresses;
    }

    /**
     * Where link probes come. It is opened when there is another node.
     *
     * @param probePort a UDP port; 0 for any free one.
     * @return this.
     */
    public NetworkContext probePort(final int probePort) {
        this.probePort = probePort;
        return this;
    }

    /** {@return where link probes come: a UDP port; 0 for any free one} */
    public int probePort() {
        return probePort;
    }

    /**
     * What probes are signed with.
     *
     * @param secret as {@link io.dragon.engine.node.HostSecret} reads it; null: they are not signed.
     * @return this.
     */
    public NetworkContext secret(final byte[] secret) {
        this.secret = secret == null ? null : secret.clone();
        return this;
    }

    byte[] secret() {
        return secret;
    }

    /**
     * Tells other hosts of the masters that this agent reaches over UDP.
     *
     * @param discovery how; null: it tells nobody.
     * @return this.
     */
    public NetworkContext discovery(final DiscoveryContext discovery) {
        this.discovery = discovery;
        return this;
    }

    /** {@return tells other hosts of the masters that this agent reaches over UDP: how; null: it tells nobody} */
    public DiscoveryContext discovery() {
        return discovery;
    }

    /**
     * Brings frames from other hosts and serves those of this one, from when there is another node.
     *
     * @param transfer makes a context at each start; directories, node, routes, errors and log are set in it. Null: no transfer.
     * @return this.
     */
    public NetworkContext transfer(final Supplier<TransferContext> transfer) {
        this.transfer = transfer;
        return this;
    }

    /** {@return brings frames from other hosts and serves those of this one: makes a context at each start, or null} */
    public Supplier<TransferContext> transfer() {
        return transfer;
    }

    /**
     * Takes one line for people about what is found and what changes.
     *
     * @param log called on the threads of the agent.
     * @return this.
     */
    public NetworkContext log(final Consumer<String> log) {
        this.log = log;
        return this;
    }

    /** {@return takes one line for people about what is found and what changes: called on the threads of the agent} */
    public Consumer<String> log() {
        return log;
    }

    /** Stands in for the host's interfaces in tests. */
    NetworkContext interfaces(final Supplier<List<HostAddress>> interfaces) {
        this.interfaces = interfaces;
        return this;
    }

    /** The addresses as they are now, at most eight, the preferred first. */
    List<HostAddress> presentAddresses() {
        return HostAddress.chosen(addresses, interfaces.get());
    }
}
