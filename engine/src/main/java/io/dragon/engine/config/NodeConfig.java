package io.dragon.engine.config;

import java.util.List;

/**
 * The section {@code node}: this host among the others.
 *
 * @param name      its name; empty when the host's own is meant.
 * @param host      the word that all processes of the host have in common; empty when the host's own name is meant.
 * @param addresses its addresses or ranges that they lie in, the preferred first; empty means all but loopback.
 * @param probePort the UDP port of link probes; 0 means any free one.
 */
public record NodeConfig(String name, String host, List<String> addresses, int probePort) {
    /** The longest name of a node: names of workers, which begin with it, have at most 48 bytes. */
    public static final int MAX_NAME = 32;

    /** The longest word for a host. */
    public static final int MAX_HOST = 48;
}
