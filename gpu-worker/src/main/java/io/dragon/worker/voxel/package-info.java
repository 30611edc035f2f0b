/**
 * Voxels from calibrated cameras: the {@code mask} handler finds what moved or stands out in a frame, the {@code carve}
 * handler votes for the voxels those pixels may have come from.
 *
 * <p>Sums are integers and every floating-point operation has one fixed order without fused multiply-add, so that every
 * device, and any number of slabs, gives the same bits.
 */
package io.dragon.worker.voxel;
