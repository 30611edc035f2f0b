package io.dragon.tools;

import io.dragon.codecs.control.LinkState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.NetworkTopology;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The nodes, the links between them, and the ways that frames take. */
final class RoutesReport {
    private final ClusterStatus status;
    private final List<ClusterStatus.Link> links;
    private final Set<String> relays = new TreeSet<>();

    RoutesReport(final ClusterStatus status) {
        this.status = status;
        final Map<Integer, ClusterStatus.Node> alive = new HashMap<>();
        status.nodes().stream().filter(ClusterStatus.Node::isAlive).forEach(node -> alive.put(node.id(), node));
        links = status.links().stream()
                .filter(link -> alive.containsKey(link.fromId()) && alive.containsKey(link.toId()))
                .toList();
        links.stream().filter(ClusterStatus.Link::isRelayed).forEach(link -> relays.add(link.nextHop()));
    }

    /** Pairs of living nodes without any way. */
    int unreachable() {
        return (int) links.stream().filter(link -> link.nextHopId() == 0).count();
    }

    void print(final PrintStream out) {
        final List<List<Object>> nodes = new ArrayList<>();
        for (final ClusterStatus.Node node : status.nodes()) {
            nodes.add(List.of(
                    node.name(),
                    node.isAlive() ? "alive" : StatusJson.word(node.state()),
                    relays.contains(node.name()) ? "relay" : "",
                    node.traffic().framesFetched(),
                    node.traffic().framesServed(),
                    node.traffic().framesRelayed(),
                    node.addresses().isEmpty() ? "-" : String.join(" ", node.addresses())));
        }
        if (nodes.isEmpty()) {
            out.println("no nodes");
            return;
        }
        Tables.print(out, List.of("NODE", "STATE", "ROLE", "FETCHED", "SERVED", "RELAYED", "ADDRESSES"), nodes);
        out.println();
        if (links.isEmpty()) {
            out.println(nodes.size() == 1 ? "one node: frames have no way to go" : "no link is measured yet");
            return;
        }
        final List<List<Object>> rows = new ArrayList<>();
        for (final ClusterStatus.Link link : links) {
            rows.add(List.of(
                    link.from(),
                    link.to(),
                    state(link),
                    millis(link.roundTripMillis()),
                    String.format(Locale.ROOT, "%.1f %%", 100 * link.loss()),
                    link.bytesPerSecond() == 0 ? "-" : Tables.bytes(link.bytesPerSecond()),
                    way(link),
                    millis(link.routeLatencyMillis())));
        }
        Tables.print(
                out, List.of("NODE", "FRAMES OF", "LINK", "ROUND TRIP", "LOSS", "RATE/S", "COME", "ONE WAY"), rows);
        if (unreachable() > 0) {
            out.println();
            out.println(unreachable() + (unreachable() == 1 ? " pair" : " pairs")
                    + " of nodes without any way: look at the network between them, and at 'dragon doctor --peer'");
        }
    }

    /** {@code up}, {@code down for 3.2 s}. */
    static String state(final ClusterStatus.Link link) {
        final String word = StatusJson.word(link.state());
        return link.state() == LinkState.UP || link.state() == LinkState.UNKNOWN || link.state() == null
                ? word
                : word + " for " + StatusReport.span(link.sinceMillis())
                        + (link.trouble().isEmpty() ? "" : ": " + link.trouble());
    }

    /** {@code directly}, {@code by way of c}, {@code not at all}. */
    static String way(final ClusterStatus.Link link) {
        return link.nextHopId() == 0 ? "not at all" : link.isRelayed() ? "by way of " + link.nextHop() : "directly";
    }

    private static String millis(final double millis) {
        return millis <= 0 ? "-" : String.format(Locale.ROOT, "%.2f ms", millis);
    }

    ObjectNode json() {
        final ObjectNode root = JsonOutput.object();
        final ArrayNode nodes = root.putArray("nodes");
        for (final ClusterStatus.Node node : status.nodes()) {
            final ObjectNode json = nodes.addObject()
                    .put("id", node.id())
                    .put("name", node.name())
                    .put("state", StatusJson.word(node.state()))
                    .put("relay", relays.contains(node.name()));
            final ArrayNode addresses = json.putArray("addresses");
            node.addresses().forEach(addresses::add);
        }
        root.set("links", links(links));
        root.put("relayed", links.stream().filter(ClusterStatus.Link::isRelayed).count());
        root.put("unreachable", unreachable());
        return root;
    }

    static ArrayNode links(final List<ClusterStatus.Link> links) {
        final ArrayNode array = JsonOutput.object().putArray("links");
        links.forEach(link -> array.addObject()
                .put("from", link.from())
                .put("to", link.to())
                .put("state", StatusJson.word(link.state()))
                .put("stateMillis", link.sinceMillis())
                .put("roundTripMillis", link.roundTripMillis())
                .put("loss", link.loss())
                .put("bytesPerSecond", link.bytesPerSecond())
                .put("nextHop", link.nextHop())
                .put("relayed", link.isRelayed())
                .put("routeLatencyMillis", link.routeLatencyMillis())
                .put("trouble", link.trouble())
                .put("spikeMillis", link.spikeMillis())
                .put("usualMillis", link.usualMillis()));
        return array;
    }

    /** What is otherwise than it was. */
    Change since(final ClusterStatus before) {
        final Map<String, String> were = new HashMap<>();
        before.links().forEach(link -> were.put(link.fromId() + " " + link.toId(), way(link)));
        final List<String> changes = new ArrayList<>();
        for (final ClusterStatus.Link link : links) {
            final String was = were.getOrDefault(link.fromId() + " " + link.toId(), "not at all");
            if (!was.equals(way(link))) {
                changes.add(
                        "frames of " + link.to() + " come to " + link.from() + " " + way(link) + " now, before " + was);
            }
        }
        return new Change(changes);
    }

    /** Ways that are otherwise, one sentence each. */
    record Change(List<String> sentences) {
        void print(final PrintStream out, final NetworkTopology made) {
            out.println();
            sentences.forEach(out::println);
            out.println(made.changed() + " of " + (long) made.nodes() * (made.nodes() - 1) + " ways changed; "
                    + made.relayed() + " by a third node, " + made.unreachable() + " missing");
        }

        void into(final ObjectNode json, final NetworkTopology made) {
            json.put("nodes", made.nodes())
                    .put("changed", made.changed())
                    .put("relayed", made.relayed())
                    .put("unreachable", made.unreachable());
            final ArrayNode changes = json.putArray("changes");
            sentences.forEach(changes::add);
        }
    }
}
