/** Aeron Cluster around the sequencer: the master, and the session by which every other process talks to it. */
package io.dragon.engine.cluster;
