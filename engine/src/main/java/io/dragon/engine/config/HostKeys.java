package io.dragon.engine.config;

import static io.dragon.engine.config.ConfigKey.Scope.BOTH;
import static io.dragon.engine.config.KeyType.ADDRESS_RANGE;
import static io.dragon.engine.config.KeyType.BOOLEAN;
import static io.dragon.engine.config.KeyType.CHOICE;
import static io.dragon.engine.config.KeyType.HOST;
import static io.dragon.engine.config.KeyType.INTEGER;
import static io.dragon.engine.config.KeyType.SIZE;

import java.util.List;

/** The keys of what a host has to do with other hosts. */
final class HostKeys {
    private static final int MAX_PORT = 65_535;

    private HostKeys() {}

    static void node(final List<ConfigKey> keys) {
        keys.add(
                ConfigKey.of(
                        "node.name",
                        HOST,
                        BOTH,
                        "",
                        "The name of this host, and how the names of its workers begin: at most 32 characters, unique among the hosts of a system; empty means the name that the host gives itself."));
        keys.add(
                ConfigKey.of(
                        "node.host",
                        HOST,
                        BOTH,
                        "",
                        "Which processes are on one host, and share its memory: those with the same word here, at most 48 characters. Empty means the name that the host gives itself; a word of its own is needed where several hosts of a system have one name, as in containers."));
        keys.add(ConfigKey.of(
                        "node.addresses",
                        ADDRESS_RANGE,
                        BOTH,
                        "",
                        "On which of its addresses other hosts reach this one, the preferred first: addresses, or ranges that they lie in. An empty list means every IPv4 address of an interface that is up, except loopback.")
                .list());
        keys.add(ConfigKey.of(
                        "node.probe_port",
                        INTEGER,
                        BOTH,
                        "9878",
                        "The UDP port on which the host's agent answers the probes of others; 0 means any free one.")
                .range(0, MAX_PORT));
    }

    static void discovery(final List<ConfigKey> keys) {
        keys.add(
                ConfigKey.of(
                        "discovery.enabled",
                        BOOLEAN,
                        BOTH,
                        "true",
                        "Whether a host that knows the masters tells others where they are, and a process that is told nothing about masters, and finds none on its host, looks for them."));
        keys.add(ConfigKey.of("discovery.port", INTEGER, BOTH, "9999", "The UDP port of the beacons.")
                .range(1, MAX_PORT));
        keys.add(
                ConfigKey.of(
                        "discovery.cluster",
                        HOST,
                        BOTH,
                        "dragon",
                        "The name of the system, at most 32 characters: beacons of other systems on the same network are ignored."));
        keys.add(ConfigKey.of(
                        "discovery.peers",
                        HOST,
                        BOTH,
                        "",
                        "Hosts that are asked, and told, directly, where broadcasts do not pass.")
                .list());
    }

    static void transfer(final List<ConfigKey> keys) {
        keys.add(ConfigKey.of(
                "transfer.enabled",
                BOOLEAN,
                BOTH,
                "true",
                "Whether the host's agent brings frames from other hosts, and serves its own to them."));
        keys.add(ConfigKey.of(
                        "transfer.transport",
                        CHOICE,
                        BOTH,
                        "udp",
                        "How frames travel: `udp`, over Aeron; `tcp`, straight from the pool's file to the socket, where UDP is blocked; `tcp-copy`, by way of a buffer. All hosts of a system use the same.")
                .words("udp", "tcp", "tcp-copy"));
        keys.add(ConfigKey.of(
                        "transfer.port",
                        INTEGER,
                        BOTH,
                        "9877",
                        "The UDP or TCP port on which the host's agent takes frames.")
                .range(1, MAX_PORT));
        keys.add(ConfigKey.of(
                        "transfer.mtu",
                        INTEGER,
                        BOTH,
                        "1408",
                        "The largest datagram, in bytes, a multiple of 32: 1408 suits every Ethernet, 8960 one with jumbo frames on the whole way. All hosts of a system use the same.")
                .range(1_216, 65_504));
        keys.add(ConfigKey.of(
                        "transfer.window",
                        SIZE,
                        BOTH,
                        "2MiB",
                        "How much may be under way to one host before it confirms: about twice the link's rate times its round trip. The host's socket buffers have to allow it.")
                .range(64 * 1_024, 512 << 20));
        keys.add(ConfigKey.of(
                        "transfer.integrity",
                        CHOICE,
                        BOTH,
                        "crc32c",
                        "What each chunk and each frame is checked with. `md5` costs about 200 ms for 100 MB; `none` trusts the network.")
                .words("crc32c", "md5", "none"));
        keys.add(ConfigKey.of(
                        "transfer.compression",
                        CHOICE,
                        BOTH,
                        "auto",
                        "LZ4, chunk by chunk. auto: where the link is slow and the data compresses, as measured.")
                .words("auto", "on", "off"));
        keys.add(ConfigKey.of(
                        "transfer.receive_memory",
                        SIZE,
                        BOTH,
                        "1GiB",
                        "The most room in `dragon.dir` for frames of other hosts; taken when the first ones come.")
                .range(1 << 20, 1L << 42));
        keys.add(ConfigKey.of(
                        "transfer.chunk",
                        SIZE,
                        BOTH,
                        "64KiB",
                        "The unit that is checked, compressed and, when it came damaged, asked for again.")
                .range(4 * 1_024, 1 << 20));
    }
}
