/**
 * Reads what a master has on its disk, without a master, a media driver or an archive: a copy of its log and snapshots, replayed
 * through the same sequencer, explains what was decided and why.
 */
package io.dragon.engine.cluster.replay;
