package io.dragon.tools;

import io.dragon.codecs.frame.Integrity;
import io.dragon.engine.cluster.NetworkContext;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.TransferConfig;
import io.dragon.engine.node.AllowedAddresses;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.engine.node.HostSecret;
import io.dragon.engine.transfer.ChunkFault;
import io.dragon.engine.transfer.Compression;
import io.dragon.engine.transfer.TransferContext;
import io.dragon.engine.transfer.TransportKind;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** What a configuration says about other hosts, for the processes that have to do with them. */
final class NetworkSetup {
    private NetworkSetup() {}

    /** How hosts find the masters; null where that is switched off. */
    static DiscoveryContext discovery(final DragonConfig config, final Consumer<String> log) {
        return config.discovery().isEnabled()
                ? new DiscoveryContext()
                        .config(config.discovery())
                        .secret(secret(config))
                        .log(log)
                : null;
    }

    /** For a process that is told nothing about masters, and so may look for them; null for any other. */
    static DiscoveryContext search(final DragonConfig config, final Consumer<String> log) {
        return config.areMastersNamed() ? null : discovery(config, log);
    }

    /** The dealings of a host's agent with other hosts. */
    static NetworkContext network(final DragonConfig config, final Consumer<String> log) {
        return network(config, ChunkFault.NONE, log);
    }

    /** The same, with what happens to chunks that come. */
    static NetworkContext network(final DragonConfig config, final ChunkFault fault, final Consumer<String> log) {
        return new NetworkContext()
                .addresses(config.node().addresses())
                .probePort(config.node().probePort())
                .secret(secret(config))
                .log(log)
                .transfer(config.transfer().isEnabled() ? () -> transfer(config, fault) : null);
    }

    private static TransferContext transfer(final DragonConfig all, final ChunkFault fault) {
        final TransferConfig config = all.transfer();
        return new TransferContext()
                .allowedAddresses(new AllowedAddresses(allowed(all))::contains)
                .transport(TransportKind.valueOf(
                        config.transport().toUpperCase(Locale.ROOT).replace('-', '_')))
                .port(config.port())
                .mtu(config.mtu())
                .window(config.window())
                .integrity(Integrity.valueOf(config.integrity().toUpperCase(Locale.ROOT)))
                .compression(Compression.valueOf(config.compression().toUpperCase(Locale.ROOT)))
                .receiveMemory(config.receiveMemory())
                .chunkLength(config.chunkLength())
                .chunkFault(fault);
    }

    /** A client's file, which also starts masters, does not name addresses: everybody, as an empty list of a server's. */
    private static List<String> allowed(final DragonConfig config) {
        return config.kind() == DragonConfig.FileKind.SERVER ? config.security().allowedIps() : List.of();
    }

    private static byte[] secret(final DragonConfig config) {
        return config.secretFile().map(HostSecret::read).orElse(null);
    }
}
