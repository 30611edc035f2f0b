package io.dragon.engine.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AllowedAddressesTest {
    @Test
    void shouldAllowThisMachineAlwaysAndNobodyElseWithoutAList() throws UnknownHostException {
        final AllowedAddresses none = new AllowedAddresses(List.of());
        assertTrue(none.contains(InetAddress.getByName("127.0.0.1")));
        assertTrue(none.contains(InetAddress.getByName("::1")));
        assertFalse(none.contains(InetAddress.getByName("192.168.1.7")));
    }

    @Test
    void shouldAllowRangesBitByBit() throws UnknownHostException {
        final AllowedAddresses some =
                new AllowedAddresses(List.of("192.168.1.0/24", "10.1.2.3", "172.16.0.0/13", "2001:db8::/33"));
        for (final String in : List.of(
                "192.168.1.0",
                "192.168.1.255",
                "10.1.2.3",
                "172.16.0.1",
                "172.23.255.255",
                "2001:db8::7",
                "2001:db8:7fff::1")) {
            assertTrue(some.contains(InetAddress.getByName(in)), in);
        }
        for (final String out : List.of(
                "192.168.2.0",
                "192.168.0.255",
                "10.1.2.4",
                "172.24.0.0",
                "172.15.255.255",
                "2001:db8:8000::1",
                "2001:db9::7",
                "fe80::1")) {
            assertFalse(some.contains(InetAddress.getByName(out)), out);
        }
        assertTrue(new AllowedAddresses(List.of("0.0.0.0/0")).contains(InetAddress.getByName("8.8.8.8")));
        assertFalse(new AllowedAddresses(List.of("0.0.0.0/0")).contains(InetAddress.getByName("fe80::1")));
    }

    @Test
    void shouldRefuseWhatIsNoAddress() {
        for (final String wrong : List.of("host", "10.0.0.0/33", "::/129", "")) {
            assertThrows(IllegalArgumentException.class, () -> new AllowedAddresses(List.of(wrong)), wrong);
        }
    }
}
