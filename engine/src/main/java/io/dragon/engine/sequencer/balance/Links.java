package io.dragon.engine.sequencer.balance;

/**
 * What is measured of the ways between nodes: the one place where the measurements of links come in. Part of the replicated
 * state, hence equal on every member.
 */
public interface Links {
    /** Latency where there is no way: far longer than anything that is measured. */
    long UNREACHABLE_NS = 1L << 52;

    /** Nothing is measured: no way takes time, and none limits the rate. */
    Links UNMEASURED = new Links() {
        @Override
        public long latencyNs(final int fromNodeId, final int toNodeId) {
            return 0;
        }

        @Override
        public long bytesPerSecond(final int fromNodeId, final int toNodeId) {
            return 0;
        }
    };

    /**
     * Time on the way of a message without weight.
     *
     * @param fromNodeId party id of a node; 0 unknown
     * @param toNodeId   party id of a node; 0 unknown
     * @return nanoseconds; 0 within a node, or not measured; {@link #UNREACHABLE_NS} without a way
     */
    long latencyNs(int fromNodeId, int toNodeId);

    /**
     * Rate at which frames travel.
     *
     * @param fromNodeId party id of a node; 0 unknown
     * @param toNodeId   party id of a node; 0 unknown
     * @return bytes a second; 0 within a node, or not measured: no limit
     */
    long bytesPerSecond(int fromNodeId, int toNodeId);
}
