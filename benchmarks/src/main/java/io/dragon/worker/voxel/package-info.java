/** Micro-benchmarks of what is not public in the reconstruction. */
package io.dragon.worker.voxel;
