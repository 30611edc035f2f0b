package io.dragon.engine.config;

import java.util.List;

/**
 * The section {@code discovery}: how hosts find the masters.
 *
 * @param isEnabled whether they look, and tell others.
 * @param port      the UDP port of the beacons.
 * @param cluster   the name of the system.
 * @param peers     hosts that are asked, and told, directly.
 */
public record DiscoveryConfig(boolean isEnabled, int port, String cluster, List<String> peers) {
    /** The longest name of a system. */
    public static final int MAX_CLUSTER = 32;
}
