package io.dragon.engine.cluster;

import io.dragon.codecs.control.RoutePageDecoder;
import io.dragon.codecs.control.WorkerState;
import io.dragon.engine.transfer.RouteView;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/**
 * What the masters say of the other nodes, the ways to them, and where pools lie. Filled by the thread of the host agent, read by
 * any.
 */
final class RouteTable implements RouteView {
    /** A pool that is nowhere may be registered just now, or its node come back. */
    static final long NOWHERE_NS = 1_000_000_000;

    /** A question without an answer was lost. */
    static final long ASK_AGAIN_NS = 250_000_000;

    private static final int MAX_PLACES = 65_536;
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    /** A node as the masters tell of it. */
    record Route(
            int nodeId,
            int incarnation,
            WorkerState state,
            int nextHopId,
            int transportPort,
            int probePort,
            String name,
            List<String> addresses) {}

    private record Places(Map<Integer, Route> routes, Map<Integer, Integer> addressInUse) {}

    private final ConcurrentHashMap<Long, Integer> places = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Long> questions = new ConcurrentLinkedQueue<>();
    private final Map<Long, Long> askedNs = new HashMap<>();
    private final Map<Long, Long> nowhereNs = new HashMap<>();
    private final Map<Integer, Route> coming = new HashMap<>();
    private volatile Places present = new Places(Map.of(), Map.of());
    private volatile long version;

    /** The first page of an answer comes. */
    void begin() {
        coming.clear();
    }

    /** The entries of a page; the id of the last of them, 0 when there is none. */
    int add(final RoutePageDecoder page) {
        int last = 0;
        for (final RoutePageDecoder.RoutesDecoder each : page.routes()) {
            last = (int) each.nodeId();
            final int incarnation = (int) each.incarnation();
            final WorkerState state = each.state();
            final int nextHopId = (int) each.nextHopId();
            final int transportPort = each.transportPort();
            final int probePort = each.probePort();
            final String name = each.name();
            final List<String> addresses = Arrays.stream(each.addresses().split(" "))
                    .filter(text -> IPV4.matcher(text).matches())
                    .toList();
            coming.put(last, new Route(last, incarnation, state, nextHopId, transportPort, probePort, name, addresses));
        }
        return last;
    }

    /** The last page has come; true when something is different. */
    boolean commit() {
        if (coming.equals(present.routes)) {
            return false;
        }
        present = new Places(Map.copyOf(coming), present.addressInUse);
        version++;
        return true;
    }

    /** Which address of each node is the best, by its place among them. */
    void addressesInUse(final Map<Integer, Integer> inUse) {
        if (!inUse.equals(present.addressInUse)) {
            present = new Places(present.routes, Map.copyOf(inUse));
            version++;
        }
    }

    Map<Integer, Route> routes() {
        return present.routes;
    }

    /** The next pool to ask for; 0 when none is due. */
    long nextQuestion(final long nowNs) {
        final Long fresh = questions.poll();
        if (fresh != null) {
            askedNs.put(fresh, nowNs);
            return fresh;
        }
        for (final Map.Entry<Long, Long> asked : askedNs.entrySet()) {
            if (nowNs - asked.getValue() >= ASK_AGAIN_NS) {
                asked.setValue(nowNs);
                return asked.getKey();
            }
        }
        return 0;
    }

    /** The masters know where a pool is, or that it is nowhere: 0. */
    void onPlace(final long poolId, final int nodeId, final long nowNs) {
        if (askedNs.remove(poolId) != null) {
            places.put(poolId, nodeId == 0 ? NOWHERE : nodeId);
            if (nodeId == 0) {
                nowhereNs.put(poolId, nowNs);
            }
        }
    }

    /** What was nowhere a while ago is asked for again when somebody wants it. */
    void forgetNowhere(final long nowNs) {
        if (!nowhereNs.isEmpty()) {
            nowhereNs.entrySet().removeIf(entry -> {
                final boolean isOld = nowNs - entry.getValue() >= NOWHERE_NS;
                if (isOld) {
                    places.remove(entry.getKey(), NOWHERE);
                }
                return isOld;
            });
        }
        if (places.size() > MAX_PLACES) {
            places.values().removeIf(place -> place != UNKNOWN);
        }
    }

    @Override
    public int nodeOf(final long poolId) {
        final Integer place = places.get(poolId);
        if (place != null) {
            return place;
        }
        if (places.putIfAbsent(poolId, UNKNOWN) == null) {
            questions.offer(poolId);
        }
        return UNKNOWN;
    }

    @Override
    public int nextHop(final int nodeId) {
        final Route route = present.routes.get(nodeId);
        return route == null ? 0 : route.nextHopId();
    }

    @Override
    public boolean isDead(final int nodeId) {
        final Route route = present.routes.get(nodeId);
        return route != null && route.state() == WorkerState.DEAD;
    }

    @Override
    public String address(final int nodeId) {
        final Places now = present;
        final Route route = now.routes.get(nodeId);
        if (route == null || route.addresses().isEmpty()) {
            return null;
        }
        final int inUse = now.addressInUse.getOrDefault(nodeId, 0);
        return route.addresses().get(inUse < route.addresses().size() ? inUse : 0);
    }

    @Override
    public int port(final int nodeId) {
        final Route route = present.routes.get(nodeId);
        return route == null ? 0 : route.transportPort();
    }

    @Override
    public String name(final int nodeId) {
        final Route route = present.routes.get(nodeId);
        return route == null ? "node " + nodeId : route.name();
    }

    @Override
    public boolean isNodeAddress(final InetAddress address) {
        final String text = address.getHostAddress();
        for (final Route route : present.routes.values()) {
            if (route.addresses().contains(text)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public long version() {
        return version;
    }
}
