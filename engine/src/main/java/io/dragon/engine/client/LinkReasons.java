package io.dragon.engine.client;

import io.dragon.codecs.control.LinkState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What is wrong with the links between nodes, one sentence for both directions of each. */
final class LinkReasons {
    private LinkReasons() {}

    static List<String> of(
            final List<ClusterStatus.Link> links,
            final List<ClusterStatus.Node> nodes,
            final double longestRoundTripMillis) {
        final Set<Integer> alive = new HashSet<>();
        nodes.stream().filter(ClusterStatus.Node::isAlive).forEach(node -> alive.add(node.id()));
        final Set<Long> said = new HashSet<>();
        final List<String> down = new ArrayList<>();
        final List<String> degraded = new ArrayList<>();
        final List<String> slow = new ArrayList<>();
        for (final ClusterStatus.Link link : links) {
            if (!alive.contains(link.fromId()) || !alive.contains(link.toId()) || said.contains(pair(link))) {
                continue;
            }
            final String which = "the link between " + link.from() + " and " + link.to();
            final List<String> kind = link.state() == LinkState.DOWN
                    ? down
                    : link.state() == LinkState.DEGRADED
                            ? degraded
                            : link.roundTripMillis() > longestRoundTripMillis ? slow : null;
            if (kind != null) {
                kind.add(which + sentence(link));
                said.add(pair(link));
            }
        }
        final List<String> all = new ArrayList<>(Reasons.few(down, "links are down"));
        all.addAll(Reasons.few(degraded, "links are degraded"));
        all.addAll(Reasons.few(slow, "links are slow"));
        return all;
    }

    private static long pair(final ClusterStatus.Link link) {
        return (long) Math.min(link.fromId(), link.toId()) << 32 | Math.max(link.fromId(), link.toId());
    }

    private static String sentence(final ClusterStatus.Link link) {
        if (link.state() == LinkState.DOWN) {
            return " is down for " + Reasons.span(link.sinceMillis())
                    + (link.nextHopId() == 0
                            ? ", and there is no other way: frames do not pass ('dragon doctor --peer' says why)"
                            : ": frames go by way of " + link.nextHop());
        }
        return link.state() == LinkState.DEGRADED
                ? " is degraded for " + Reasons.span(link.sinceMillis()) + ": " + link.trouble() + " ('dragon routes')"
                : String.format(
                        Locale.ROOT,
                        " has a round trip of %.1f ms: jumbo frames (MTU 9000) or a less busy network help; 'dragon doctor --peer' there measures it",
                        link.roundTripMillis());
    }
}
