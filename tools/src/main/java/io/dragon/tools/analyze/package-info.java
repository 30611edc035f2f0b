/**
 * The analysis of a data set: walk, read, hash, duplicates, manifest.
 *
 * <pre>
 *   TreeWalk -> BatchPlan -> BlockReader (n threads) -> BlockHasher (workers) -> Analysis (one thread): DigestTable, manifest
 *    files       batches      slots filled in place       64 bytes a block        in whatever order results come
 * </pre>
 */
package io.dragon.tools.analyze;
