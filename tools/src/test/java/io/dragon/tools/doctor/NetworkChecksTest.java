package io.dragon.tools.doctor;

import static io.dragon.tools.doctor.Finding.Level.FAULT;
import static io.dragon.tools.doctor.Finding.Level.NOTE;
import static io.dragon.tools.doctor.Finding.Level.OK;
import static io.dragon.tools.doctor.Finding.Level.WARNING;
import static io.dragon.tools.doctor.HostKit.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What doctor says of interfaces, buffers, ports and other hosts. */
final class NetworkChecksTest {
    @TempDir
    Path root;

    private HostKit kit;

    @BeforeEach
    void make() {
        kit = new HostKit(root);
    }

    @Test
    void shouldAskForJumboFramesFromTenGigabitsOn() {
        assertSays(kit.only(new InterfaceCheck(), OK), "1 Gbit/s", "MTU 1500", "one or two remote GPUs");
        kit.file("/sys/class/net/eth0/speed", "10000");
        assertSays(
                kit.only(new InterfaceCheck(), WARNING),
                "eth0 (10.0.0.1): 10 Gbit/s, MTU 1500",
                "an MTU of 9000",
                "sudo ip link set dev eth0 mtu 9000",
                "transfer.mtu: 8960");
        kit.network.nic("eth0", 9_000);
        assertSays(kit.only(new InterfaceCheck(), OK), "MTU 9000", "transfer.mtu: 8960 on every host makes use of it");
        kit.flag("transfer.mtu", "8960");
        assertEquals(
                "eth0 (10.0.0.1): 10 Gbit/s, MTU 9000",
                kit.only(new InterfaceCheck(), OK).text());
        kit.network.nic("eth0", 1_500);
        assertSays(kit.only(new InterfaceCheck(), WARNING), "cut into fragments", "8988 or more", "mtu 9000", "1472");
    }

    @Test
    void shouldNotAskForJumboFramesOfAnInterfaceThatIsNone() {
        kit.network.nic("veth0", 1_500);
        kit.file("/sys/class/net/veth0/speed", "10000");
        assertSays(kit.only(new InterfaceCheck(), OK), "virtual");
        kit.network.nic("bond0", 1_500);
        kit.file("/sys/class/net/bond0/speed", "20000").folder("/sys/class/net/bond0/bonding");
        assertSays(kit.only(new InterfaceCheck(), WARNING), "20 Gbit/s");
        kit.network.nic("eth0", 1_500);
        kit.file("/sys/class/net/eth0/speed", "100");
        assertSays(kit.only(new InterfaceCheck(), WARNING), "100 Mbit/s", "sudo ethtool eth0");
        kit.network.nics.clear();
        assertSays(kit.only(new InterfaceCheck(), NOTE), "works alone");
    }

    @Test
    void shouldSayThatBbrHoldsMasksBackOverTcp() {
        kit.file("/proc/sys/net/ipv4/tcp_congestion_control", "bbr\n");
        kit.assertWell(new BufferCheck());
        kit.flag("transfer.transport", "tcp");
        assertSays(
                kit.only(new BufferCheck(), WARNING),
                "net.ipv4.tcp_congestion_control is bbr",
                "sudo sysctl -w net.ipv4.tcp_congestion_control=cubic");
        kit.file("/proc/sys/net/ipv4/tcp_congestion_control", "cubic\n");
        kit.assertWell(new BufferCheck());
    }

    @Test
    void shouldNameTheSettingThatMakesSocketBuffersLarger() {
        kit.assertWell(new BufferCheck());
        kit.file("/proc/sys/net/core/rmem_max", "212992");
        assertSays(
                kit.only(new BufferCheck(), WARNING),
                "net.core.rmem_max is 212992",
                "2097152 or more",
                "sudo sysctl -w net.core.rmem_max=2097152",
                "/etc/sysctl.d/60-dragon.conf");
        kit.file("/proc/sys/net/core/rmem_max", "4194304").flag("transfer.window", "5MiB");
        assertSays(
                kit.only(new BufferCheck(), WARNING),
                "net.core.rmem_max is 4194304, net.core.wmem_max is 4194304",
                "net.core.rmem_max=8388608 net.core.wmem_max=8388608");
    }

    @Test
    void shouldAskTheSocketWhereAContainerHidesTheSetting() throws IOException {
        Files.delete(root.resolve("proc/sys/net/core/rmem_max"));
        kit.network.buffers = new int[] {200_000, 4 << 20};
        assertSays(kit.only(new BufferCheck(), WARNING), "net.core.rmem_max is 200000");
        kit.network.buffers = new int[] {4 << 20, 4 << 20};
        kit.file("/proc/net/snmp", "Udp: InDatagrams RcvbufErrors SndbufErrors\nUdp: 900 17 0\n");
        assertSays(kit.only(new BufferCheck(), NOTE), "17 datagrams were lost");
    }

    @Test
    void shouldSayWhoHoldsAPort() throws IOException {
        kit.assertWell(new PortCheck());
        assertSays(
                kit.only(new PortCheck(), NOTE),
                "UDP 9999 (discovery)",
                "9877 (frames)",
                "9900-9904 (master 0)",
                "TCP");
        kit.network.taken.add("UDP 9999");
        kit.file("/proc/net/udp", udp(9_999, 4_711))
                .folder("/proc/88/fd")
                .file("/proc/88/cmdline", "/usr/bin/python3\0server.py\0");
        Files.createSymbolicLink(root.resolve("proc/88/fd/3"), Path.of("socket:[4711]"));
        assertSays(
                kit.only(new PortCheck(), FAULT),
                "UDP 9999 (discovery) is held by process 88 (python3)",
                "kill 88",
                "discovery.port");
        kit.file("/proc/88/cmdline", "/usr/bin/java\0-Xmx1g\0io.dragon.tools.DragonMain\0gpu-server\0--config\0x");
        kit.assertWell(new PortCheck());
        assertTrue(kit.look(new PortCheck()).stream().anyMatch(finding -> finding.found()
                .equals("held by a running Dragon: UDP 9999 (discovery) by process 88 (gpu-server)")));
        kit.file("/proc/net/udp", udp(9_998, 4_711));
        assertSays(kit.only(new PortCheck(), FAULT), "only root sees", "sudo ss -lpun 'sport = :9999'");
    }

    private static String udp(final int port, final int inode) {
        return "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
                + "  12: 00000000:" + String.format("%04X", port)
                + " 00000000:0000 07 00000000:00000000 00:00000000 00000000"
                + "  1000        0 " + inode + " 2 0000000000000000 0\n";
    }

    @Test
    void shouldLookAtThePortsOfTheMastersOfThisHostOnly() {
        kit.flag("masters.members", "gpu-2,localhost,gpu-2");
        kit.network.taken.add("UDP 9902");
        kit.assertWell(new PortCheck());
        kit.network.taken.add("UDP 9913");
        assertSays(kit.only(new PortCheck(), FAULT), "UDP 9913 (master 1)", "masters.base_port");
        kit.flag("node.probe_port", "0");
        assertTrue(kit.look(new PortCheck()).stream()
                .noneMatch(finding -> finding.found().contains("UDP 0")));
    }

    @Test
    void shouldMeasureAPeerThatAnswers() {
        kit.network.all(Network.Answer.ANSWERED, 0.3);
        kit.assertWell(new PeerCheck(List.of("gpu-2")));
        final List<Finding> found = kit.look(new PeerCheck(List.of("gpu-2")));
        assertSays(found.get(0), "gpu-2 (10.0.0.2) answers on UDP 9999, UDP 9877, UDP 9878, TCP 9876");
        assertSays(found.get(1), "round trip to gpu-2: 0.30 ms");
        assertSays(found.get(2), "datagrams of transfer.mtu 1408 reach gpu-2");
    }

    @Test
    void shouldSayWhichPortsOfAPeerAreBlockedAndWhichAreOnlyNotInUse() {
        kit.network
                .all(Network.Answer.ANSWERED, 0.3)
                .reach("UDP 9878", Network.Answer.SILENT, 0)
                .reach("TCP 9876", Network.Answer.CLOSED, 0);
        kit.file("/usr/sbin/ufw", "");
        assertSays(
                kit.only(new PeerCheck(List.of("gpu-2")), WARNING),
                "is silent on UDP 9878",
                "on gpu-2: sudo ufw allow 9878/udp",
                "dragon doctor --answer");
        assertSays(kit.only(new PeerCheck(List.of("gpu-2")), NOTE), "TCP 9876, where nothing listens");
    }

    @Test
    void shouldNotTakeARunningDragonForAFirewall() {
        kit.network.reach("TCP 9876", Network.Answer.ANSWERED, 0.3);
        kit.assertWell(new PeerCheck(List.of("gpu-2")));
        assertTrue(kit.look(new PeerCheck(List.of("gpu-2"))).stream()
                .anyMatch(finding -> finding.found().contains("dragon routes")));
    }

    /** Its server's port is on loopback, its node agent answers on its own ports, the media driver on none. */
    @Test
    void shouldNotWarnOfAHostThatRunsDragonWithoutAServerPortForOthers() {
        kit.network
                .all(Network.Answer.ANSWERED, 0.3)
                .reach("UDP 9877", Network.Answer.SILENT, 0)
                .reach("TCP 9876", Network.Answer.CLOSED, 0);
        kit.assertWell(new PeerCheck(List.of("gpu-2")));
        assertTrue(kit.look(new PeerCheck(List.of("gpu-2"))).stream()
                .anyMatch(finding -> finding.found().contains("dragon routes")));
    }

    @Test
    void shouldTryTcpWhereFramesTravelByTcp() {
        kit.flag("transfer.transport", "tcp");
        kit.network.all(Network.Answer.ANSWERED, 0.3).reach("TCP 9877", Network.Answer.SILENT, 0);
        assertSays(kit.only(new PeerCheck(List.of("gpu-2")), WARNING), "TCP 9877", "--dport 9877 -j ACCEPT");
        assertSays(kit.only(new PortCheck(), NOTE), "TCP 9877 (frames), 9876 (GPU server)");
    }

    @Test
    void shouldTakeALongRoundTripForATrouble() {
        kit.network.all(Network.Answer.ANSWERED, 12);
        assertSays(
                kit.only(new PeerCheck(List.of("gpu-2")), WARNING),
                "round trip to gpu-2: 12.0 ms",
                "less than 5 ms",
                "jumbo frames",
                "sar -n DEV 1");
    }

    @Test
    void shouldSayThatBeaconsAreBlockedAndHowToLetThemIn() {
        kit.assertWell(new BroadcastCheck());
        kit.network.isHeard = false;
        assertSays(
                kit.only(new BroadcastCheck(), WARNING),
                "eth0: 10.0.0.255, UDP 9999 is sent and not heard",
                "will not find each other",
                "sudo iptables -I INPUT -p udp --dport 9999 -j ACCEPT",
                "discovery.peers");
        kit.file("/usr/bin/firewall-cmd", "");
        assertSays(kit.only(new BroadcastCheck(), WARNING), "sudo firewall-cmd --permanent --add-port=9999/udp");
        kit.flag("discovery.peers", "gpu-2");
        assertSays(kit.only(new BroadcastCheck(), NOTE), "discovery.peers, which names some");
        kit.network.taken.add("UDP 9999");
        assertSays(kit.only(new BroadcastCheck(), NOTE), "was not tried");
        kit.flag("discovery.enabled", "false");
        assertSays(kit.only(new BroadcastCheck(), NOTE), "discovery.enabled is false");
    }

    @Test
    void shouldCallAPeerThatIsNotReachedAtAllAFault() {
        assertSays(kit.only(new PeerCheck(List.of("gpu-2")), FAULT), "answers on none of", "ping gpu-2", "--answer");
        assertSays(kit.only(new PeerCheck(List.of("nowhere:1")), FAULT), "nowhere has no address");
    }

    @Test
    void shouldVisitEachHostThatTheConfigurationNamesOnce() {
        kit.network.names.put("gpu-2b", List.of(HostKit.address("10.0.0.2")));
        kit.network.names.put("gpu-3", List.of(HostKit.address("10.0.0.3")));
        kit.network.names.put("me", List.of(HostKit.address("10.0.0.1")));
        kit.network.all(Network.Answer.ANSWERED, 0.3);
        assertEquals(List.of(), kit.look(new PeerCheck(List.of())), "the master of this host alone is no peer");
        kit.flag("discovery.peers", "gpu-2,gpu-2b,10.0.0.9,me").flag("masters.members", "me,gpu-3,gpu-2");
        kit.network.names.put("10.0.0.9", List.of(HostKit.address("10.0.0.9")));
        kit.network.silentHosts.add("10.0.0.9");
        assertSays(
                kit.only(new PeerCheck(List.of()), WARNING),
                "10.0.0.9 answers on none of UDP 9999",
                "start 'dragon doctor --answer' or Dragon there");
        kit.network.visited.clear();
        final List<Finding> found = kit.look(new PeerCheck(List.of("gpu-2")));
        for (final String host : List.of("10.0.0.2", "10.0.0.3", "10.0.0.9")) {
            assertEquals(
                    1,
                    kit.network.visited.stream()
                            .filter((host + " 9999 64")::equals)
                            .count(),
                    () -> kit.network.visited.toString());
        }
        assertTrue(kit.network.visited.stream().noneMatch(visit -> visit.startsWith("10.0.0.1 ")), found::toString);
        assertSays(found.get(0), "gpu-2 (10.0.0.2) answers on");
        kit.flag("discovery.peers", "nowhere").flag("masters.members", "me");
        assertSays(kit.only(new PeerCheck(List.of()), WARNING), "discovery.peers: nowhere has no address");
    }

    @Test
    void shouldSayWhichPeersABroadcastReaches() {
        kit.network.all(Network.Answer.ANSWERED, 0.3);
        final PeerCheck check = new PeerCheck(List.of("gpu-2"));
        assertTrue(kit.look(check).stream()
                .anyMatch(finding -> finding.found().equals("gpu-2 (10.0.0.2) is reached by broadcast")));
        kit.network.answerBroadcasts.clear();
        assertSays(
                kit.only(check, WARNING),
                "gpu-2 (10.0.0.2) is reached only directly, not by broadcast",
                "set discovery.peers: [gpu-2]");
        kit.flag("masters.members", "localhost,gpu-2,localhost");
        assertSays(kit.only(check, NOTE), "only directly", "masters.members names it");
        kit.flag("discovery.peers", "gpu-2");
        assertSays(kit.only(check, NOTE), "only directly", "discovery.peers names it");
        kit.network.reach("UDP 9999", Network.Answer.CLOSED, 0);
        assertTrue(kit.look(check).stream().noneMatch(finding -> finding.found().contains("broadcast")));
        kit.network.reach("UDP 9999", Network.Answer.ANSWERED, 0.3);
        kit.flag("discovery.enabled", "false");
        assertTrue(kit.look(check).stream().noneMatch(finding -> finding.found().contains("broadcast")));
    }

    @Test
    void shouldFindTheLargestPacketThatGetsThrough() {
        kit.network.all(Network.Answer.ANSWERED, 0.3).nic("eth0", 9_000);
        kit.assertWell(new PeerCheck(List.of("gpu-2")));
        kit.network.largestUdp = 1_472;
        assertSays(kit.only(new PeerCheck(List.of("gpu-2")), WARNING), "9000 bytes do not reach gpu-2", "mtu 9000");
        kit.network.largestUdp = 1_000;
        assertSays(kit.only(new PeerCheck(List.of("gpu-2")), FAULT), "transfer.mtu 1408 do not reach gpu-2", "1436");
    }
}
