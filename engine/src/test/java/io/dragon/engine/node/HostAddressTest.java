package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostAddressTest {
    private static HostAddress of(final String name, final String address, final int prefixLength)
            throws UnknownHostException {
        return new HostAddress(name, InetAddress.getByName(address), prefixLength);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.1.7, 24, 10.0.1.255",
        "10.0.1.7, 20, 10.0.15.255",
        "192.168.200.130, 25, 192.168.200.255",
        "192.168.200.1, 30, 192.168.200.3",
        "127.0.0.1, 8, 127.255.255.255",
        "200.1.2.3, 1, 255.255.255.255"
    })
    void shouldComputeTheBroadcastAddress(final String address, final int prefixLength, final String broadcast)
            throws UnknownHostException {
        assertEquals(
                InetAddress.getByName(broadcast), of("x", address, prefixLength).broadcast());
    }

    @Test
    void shouldHaveNoneOnANetworkOfOneOrTwo() throws UnknownHostException {
        assertNull(of("x", "10.0.0.1", 31).broadcast());
        assertNull(of("x", "10.0.0.1", 32).broadcast());
        assertNull(of("x", "10.0.0.1", 0).broadcast());
    }

    @Test
    void shouldChooseAddressesInTheOrderOfTheConfiguration() throws UnknownHostException {
        final HostAddress slow = of("eth0", "10.0.1.7", 24);
        final HostAddress fast = of("eth1", "10.9.0.7", 16);
        final HostAddress container = of("docker0", "172.17.0.1", 16);
        final List<HostAddress> all = List.of(slow, fast, container);
        assertEquals(all, HostAddress.chosen(List.of(), all));
        assertEquals(List.of(fast, slow), HostAddress.chosen(List.of("10.9.0.0/16", "10.0.0.0/8"), all));
        assertEquals(List.of(slow), HostAddress.chosen(List.of("10.0.1.7"), all));
        assertEquals(List.of(), HostAddress.chosen(List.of("10.0.1.8", "::1"), all));
        assertEquals(all, HostAddress.chosen(List.of("0.0.0.0/0"), all));
    }

    @Test
    void shouldKnowItsSubnet() throws UnknownHostException {
        final HostAddress address = of("eth0", "10.0.1.7", 24);
        assertTrue(address.isOnSubnetOf(InetAddress.getByName("10.0.1.200")));
        assertFalse(address.isOnSubnetOf(InetAddress.getByName("10.0.2.7")));
        assertFalse(address.isOnSubnetOf(InetAddress.getByName("::1")));
    }

    @Test
    void shouldFindThoseOfThisHost() {
        for (final HostAddress address : HostAddress.all()) {
            assertFalse(address.address().isLoopbackAddress());
        }
    }
}
