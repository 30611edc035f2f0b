/** Recorded frames to voxels: datasets, their calibration and pictures, the run over their steps, and the files that come out. */
package io.dragon.tools.reconstruct;
