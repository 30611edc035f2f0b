package io.dragon.tools.doctor;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.PoolConfig;
import io.dragon.engine.config.RunProfile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a configuration asks of a host. Immutable. */
public final class Needs {
    /** Messages of the media driver, of a master and of a handful of programs: their buffers are in the shared folder. */
    static final long MESSAGE_BYTES = 256L << 20;

    private static final int PORTS_OF_A_MASTER = 5;
    private static final int PORTS_BETWEEN_MASTERS = 10;

    private final DragonConfig config;

    private Needs(final DragonConfig config) {
        this.config = config;
    }

    /**
     * Reads what a configuration asks for.
     *
     * @param config of the host.
     * @return the needs.
     */
    public static Needs of(final DragonConfig config) {
        return new Needs(config);
    }

    DragonConfig config() {
        return config;
    }

    DragonDirectory directory() {
        return DragonDirectory.of(config.dragonDir());
    }

    Path aeronDirectory() {
        return config.mediaDriver().directory().orElseGet(() -> directory().aeron());
    }

    boolean isLowLatency() {
        return config.mediaDriver().profile() == RunProfile.LOW_LATENCY;
    }

    /** Whether this is the configuration of a machine that offers GPUs, so that the server's keys hold. */
    boolean isServer() {
        return config.kind() == DragonConfig.FileKind.SERVER;
    }

    /** The GPUs that are asked for by number or UUID; empty when whatever there is will do. */
    List<String> gpus() {
        if (isServer()) {
            return config.gpu().deviceIds();
        }
        return config.localGpus().enabled() ? config.localGpus().deviceIds() : List.of();
    }

    /** True where the file says that no GPU is to be used. */
    boolean refusesGpus() {
        return isServer()
                ? !config.gpu().isAll() && config.gpu().deviceIds().isEmpty()
                : !config.localGpus().enabled();
    }

    /** The key that names GPUs. */
    String gpuKey() {
        return isServer() ? "gpu.device_ids" : "local_gpus.device_ids";
    }

    /** Bytes of one pool of a camera; 0 when they follow from its first frame. */
    long poolBytes() {
        final PoolConfig pools = config.pools();
        return pools.slotLength() == 0 ? 0 : pools.slots() * (pools.slotLength() + pools.metadataLength());
    }

    long receiveBytes() {
        return config.transfer().receiveMemory();
    }

    /** What the shared folder needs at least: messages, frames of other hosts, one camera. */
    long sharedBytes() {
        return MESSAGE_BYTES + receiveBytes() + poolBytes();
    }

    /** The largest datagram of frames, bytes. */
    int transferMtu() {
        return config.transfer().mtu();
    }

    /** Bytes under way between two hosts. */
    int window() {
        return config.transfer().window();
    }

    /** Whether frames travel by TCP. */
    boolean isTcp() {
        return config.transfer().transport().startsWith("tcp");
    }

    int discoveryPort() {
        return config.discovery().port();
    }

    boolean isDiscovering() {
        return config.discovery().isEnabled();
    }

    /** Whether other hosts are named, so that none has to be found. */
    boolean hasPeers() {
        return !config.discovery().peers().isEmpty();
    }

    /** Hosts that are asked, and told, directly. */
    List<String> discoveryPeers() {
        return config.discovery().peers();
    }

    /** Hosts on which masters run, this one among them; each once. */
    List<String> masterHosts() {
        return config.masters().members().stream().distinct().toList();
    }

    /** The port for frames; 0 for any. */
    int transferPort() {
        return config.transfer().port();
    }

    /** The port of link probes; 0 for any. */
    int probePort() {
        return config.node().probePort();
    }

    /** The port of the GPU server; that of its default in a client's configuration. */
    int serverPort() {
        return isServer() ? config.server().port() : 9_876;
    }

    String serverAddress() {
        return isServer() ? config.server().bindAddress() : "0.0.0.0";
    }

    /** The ports of the masters that run on this host, first and last of each; several only where names are those of this host. */
    List<MasterPorts> masterPorts() {
        final List<String> members = config.masters().members();
        final List<MasterPorts> ports = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            final int first = config.masters().basePort() + i * PORTS_BETWEEN_MASTERS;
            ports.add(new MasterPorts(i, members.get(i), first, first + PORTS_OF_A_MASTER - 1));
        }
        return ports;
    }

    Optional<Path> secretFile() {
        return config.secretFile();
    }

    /** Ports of one of the masters. */
    record MasterPorts(int member, String host, int first, int last) {}
}
