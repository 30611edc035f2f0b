package io.dragon.worker.voxel;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Cameras and slabs as the kernels of {@code carve.cu} and {@code camera.h} read them: 8-byte fields first, little-endian.
 *
 * <pre>
 *   camera:   0  R 9 x f64      72  t 3 x f64       96  fx s cx 0 fy cy f64    144  k1 k2 p1 p2 k3 f64
 *           184  position f64  208  largest squared radius, view radius, stretch, focal length: f64
 *           240  beginning of each of 12 levels among all levels, in 64-bit words: u64
 *           336  64-bit words of a row of each level: u32
 *           384  width u32     388  height u32      392  whether it has a mask u32    396  cameras at its station u32
 *   slab:     0  origin 3 x f64 24  voxel f64
 *            32  nx ny nz, begin, end, base, layers, least cameras, whether hull, cameras: i32
 * </pre>
 */
final class KernelStructs {
    static final int CAMERA_LENGTH = 400;
    static final int SLAB_LENGTH = 72;

    private static final int DISTORTIONS = 5;
    private static final int MATRIX = 6;
    private static final int LEVEL_OFFSET = 240;
    private static final int WORDS_OFFSET = 336;
    private static final int SIZE_OFFSET = 384;

    private KernelStructs() {}

    /**
     * Writes the cameras of a rig, one after the other.
     *
     * @param cameraBits those that have a mask
     * @return 64-bit words that the levels of these masks take together
     */
    static long cameras(final Rig rig, final int cameraBits, final MutableDirectBuffer buffer, final int offset) {
        long words = 0;
        for (int i = 0; i < rig.size(); i++) {
            final boolean hasMask = (cameraBits >>> i & 1) != 0;
            final int at = offset + i * CAMERA_LENGTH;
            final Camera camera = rig.camera(i);
            doubles(camera, buffer, at);
            for (int level = 0; level < MaskLevels.LEVELS; level++) {
                final int rowWords = Bits.wordsPerRow(MaskLevels.cells(camera.width(), level));
                buffer.putLong(at + LEVEL_OFFSET + 8 * level, words, Wire.ORDER);
                buffer.putInt(at + WORDS_OFFSET + 4 * level, rowWords, Wire.ORDER);
                words += hasMask ? (long) rowWords * MaskLevels.cells(camera.height(), level) : 0;
            }
            buffer.putInt(at + SIZE_OFFSET, camera.width(), Wire.ORDER);
            buffer.putInt(at + SIZE_OFFSET + 4, camera.height(), Wire.ORDER);
            buffer.putInt(at + SIZE_OFFSET + 8, hasMask ? 1 : 0, Wire.ORDER);
            buffer.putInt(at + SIZE_OFFSET + 12, rig.station(i), Wire.ORDER);
        }
        return words;
    }

    private static void doubles(final Camera camera, final MutableDirectBuffer buffer, final int offset) {
        int at = offset;
        for (int i = 0; i < 9; i++, at += 8) {
            buffer.putDouble(at, camera.rotation(i), Wire.ORDER);
        }
        for (int i = 0; i < 3; i++, at += 8) {
            buffer.putDouble(at, camera.translation(i), Wire.ORDER);
        }
        for (int i = 0; i < MATRIX; i++, at += 8) {
            buffer.putDouble(at, camera.matrix(i), Wire.ORDER);
        }
        for (int i = 0; i < DISTORTIONS; i++, at += 8) {
            buffer.putDouble(at, camera.distortion(i), Wire.ORDER);
        }
        for (int i = 0; i < 3; i++, at += 8) {
            buffer.putDouble(at, camera.position(i), Wire.ORDER);
        }
        buffer.putDouble(at, camera.maxRadiusSquared(), Wire.ORDER);
        buffer.putDouble(at + 8, camera.viewRadius(), Wire.ORDER);
        buffer.putDouble(at + 16, camera.stretch(), Wire.ORDER);
        buffer.putDouble(at + 24, camera.focalLength(), Wire.ORDER);
    }

    /** Writes the slab that votes are kept for. */
    static void slab(
            final SlabVotes votes,
            final CarveRule rule,
            final int cameras,
            final MutableDirectBuffer buffer,
            final int offset) {
        final Grid grid = votes.grid();
        buffer.putDouble(offset, grid.originX(), Wire.ORDER);
        buffer.putDouble(offset + 8, grid.originY(), Wire.ORDER);
        buffer.putDouble(offset + 16, grid.originZ(), Wire.ORDER);
        buffer.putDouble(offset + 24, grid.voxel(), Wire.ORDER);
        buffer.putInt(offset + 32, grid.nx(), Wire.ORDER);
        buffer.putInt(offset + 36, grid.ny(), Wire.ORDER);
        buffer.putInt(offset + 40, grid.nz(), Wire.ORDER);
        buffer.putInt(offset + 44, votes.begin(), Wire.ORDER);
        buffer.putInt(offset + 48, votes.end(), Wire.ORDER);
        buffer.putInt(offset + 52, votes.base(), Wire.ORDER);
        buffer.putInt(offset + 56, votes.layers(), Wire.ORDER);
        buffer.putInt(offset + 60, rule.minCameras(), Wire.ORDER);
        buffer.putInt(offset + 64, rule.method() == CarveRule.Method.HULL ? 1 : 0, Wire.ORDER);
        buffer.putInt(offset + 68, cameras, Wire.ORDER);
    }

    /** Where a level of a camera begins among all levels, in 64-bit words; of cameras that lie from offset 0 on. */
    static long levelAt(final DirectBuffer cameras, final int camera, final int level) {
        return cameras.getLong(camera * CAMERA_LENGTH + LEVEL_OFFSET + 8 * level, Wire.ORDER);
    }
}
