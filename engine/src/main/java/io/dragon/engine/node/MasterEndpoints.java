package io.dragon.engine.node;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where masters take commands, as one host tells it to another. Immutable.
 *
 * @param members in the order of their ids.
 */
record MasterEndpoints(List<Member> members) {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})");
    private static final int MAX_PORT = 65_535;

    /**
     * A master.
     *
     * @param host    name or address, as configured.
     * @param address of the host as seen from here; null when it cannot be found out.
     * @param port    of its ingress.
     */
    record Member(String host, InetAddress address, int port) {
        boolean isAny() {
            return address != null && address.isAnyLocalAddress();
        }

        boolean isLoopback() {
            return address != null && address.isLoopbackAddress();
        }
    }

    /** Reads {@code 0=host:port,1=host:port}; null when that is not what the text is. */
    static MasterEndpoints parse(final String text) {
        final List<Member> members = new ArrayList<>();
        for (final String part : text.split(",", -1)) {
            final int equals = part.indexOf('=');
            final int colon = part.lastIndexOf(':');
            if (equals < 1 || colon < equals || !part.substring(0, equals).equals(Integer.toString(members.size()))) {
                return null;
            }
            final String host = part.substring(equals + 1, colon);
            final String port = part.substring(colon + 1);
            if (!HOST.matcher(host).matches() || !port.matches("[1-9][0-9]{0,4}")) {
                return null;
            }
            final int number = Integer.parseInt(port);
            if (number > MAX_PORT) {
                return null;
            }
            members.add(new Member(host, null, number));
        }
        final int count = members.size();
        return count == 1 || count == 3 || count == 5 ? new MasterEndpoints(List.copyOf(members)) : null;
    }

    /** The same with addresses as far as they are known. */
    MasterEndpoints resolved(final HostNames names) {
        return new MasterEndpoints(members.stream()
                .map(each -> new Member(each.host(), names.addressOf(each.host()), each.port()))
                .toList());
    }

    List<String> hosts() {
        return members.stream().map(Member::host).toList();
    }

    /** Whether other hosts can reach them at all. */
    boolean isForOthers() {
        return members.stream().noneMatch(Member::isLoopback);
    }

    /** As other hosts reach them that have our address {@code own} on their side. */
    String text(final InetAddress own) {
        final StringBuilder text = new StringBuilder();
        for (int id = 0; id < members.size(); id++) {
            final Member member = members.get(id);
            final InetAddress address = member.isAny() ? own : member.address();
            text.append(id == 0 ? "" : ",").append(id).append('=');
            text.append(address == null ? member.host() : address.getHostAddress());
            text.append(':').append(member.port());
        }
        return text.toString();
    }
}
