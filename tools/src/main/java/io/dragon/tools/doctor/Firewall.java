package io.dragon.tools.doctor;

/** The command that lets packets in, for the firewall that is installed. */
final class Firewall {
    private Firewall() {}

    /** How to open ports, {@code 9999} or {@code 9900:9904}, for {@code udp} or {@code tcp}. */
    static String open(final Host host, final String ports, final String protocol) {
        if (host.exists("/usr/sbin/ufw")) {
            return "sudo ufw allow " + ports + '/' + protocol;
        }
        if (host.exists("/usr/bin/firewall-cmd")) {
            return "sudo firewall-cmd --permanent --add-port=" + ports.replace(':', '-') + '/' + protocol
                    + " && sudo firewall-cmd --reload";
        }
        if (host.exists("/usr/sbin/nft") && !host.exists("/usr/sbin/iptables")) {
            return "sudo nft insert rule inet filter input " + protocol + " dport " + ports.replace(':', '-')
                    + " accept";
        }
        return "sudo iptables -I INPUT -p " + protocol + " --dport " + ports + " -j ACCEPT";
    }
}
