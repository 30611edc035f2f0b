// A calibrated camera, and its mask in levels. The same operations in the same order as Camera.java and MaskLevels.java, none of them
// fused, so that the same doubles come out to the last bit.
#pragma once
#include "portable.h"

#define LEVELS 12
#define WINDOW_CELLS 8
#define UNDISTORT_ITERATIONS 12

// As CudaRig.java writes it: 8-byte fields first.
struct Camera {
    double r[9], t[3], k[6], d[5], position[3];
    double max_radius_squared, view_radius, stretch, focal_length;
    u64 level[LEVELS]; // where each level begins, in words of 64 bits
    u32 words[LEVELS]; // words of a row of each level
    u32 width, height;
    u32 has_mask, stations; // bits of the cameras at its station, itself among them
};

// A cast as Java does it.
DEVICE int to_int(double x) {
    return x != x ? 0 : x >= 2147483647.0 ? 2147483647 : x <= -2147483648.0 ? -2147483647 - 1 : (int)x;
}

DEVICE double depth_of(const Camera &c, double x, double y, double z) {
    return ((c.r[6] * x + c.r[7] * y) + c.r[8] * z) + c.t[2];
}

// Point of the picture; false when it is behind the camera, or where the distortion folds back.
DEVICE bool project(const Camera &c, double camera_x, double camera_y, double depth, double &u, double &v) {
    if (!(depth > 1e-9)) return false;
    const double inverse = 1.0 / depth;
    const double x = camera_x * inverse;
    const double y = camera_y * inverse;
    const double q = x * x + y * y;
    if (!(q <= c.max_radius_squared)) return false;
    const double radial = 1.0 + q * (c.d[0] + q * (c.d[1] + q * c.d[4]));
    const double xy = x * y;
    const double dx = (x * radial + 2.0 * c.d[2] * xy) + c.d[3] * (q + 2.0 * (x * x));
    const double dy = (y * radial + c.d[2] * (q + 2.0 * (y * y))) + 2.0 * c.d[3] * xy;
    u = (c.k[0] * dx + c.k[1] * dy) + c.k[2];
    v = c.k[4] * dy + c.k[5];
    return true;
}

// Direction of a pixel's ray in the world; false where the distortion cannot be undone.
DEVICE bool ray(const Camera &c, double u, double v, double direction[3]) {
    const double dy = (v - c.k[5]) / c.k[4];
    const double dx = ((u - c.k[2]) - c.k[1] * dy) / c.k[0];
    const double k1 = c.d[0], k2 = c.d[1], p1 = c.d[2], p2 = c.d[3], k3 = c.d[4];
    double x = dx, y = dy, error_x = 0, error_y = 0;
    for (int i = 0; i <= UNDISTORT_ITERATIONS; i++) {
        const double q = x * x + y * y;
        const double radial = 1.0 + q * (k1 + q * (k2 + q * k3));
        const double slope = k1 + q * (2.0 * k2 + q * (3.0 * k3));
        error_x = ((x * radial + 2.0 * p1 * (x * y)) + p2 * (q + 2.0 * (x * x))) - dx;
        error_y = ((y * radial + p1 * (q + 2.0 * (y * y))) + 2.0 * p2 * (x * y)) - dy;
        if (i == UNDISTORT_ITERATIONS) break;
        const double xx = ((radial + 2.0 * (x * x) * slope) + 2.0 * p1 * y) + 6.0 * p2 * x;
        const double xy = (2.0 * (x * y) * slope + 2.0 * p1 * x) + 2.0 * p2 * y;
        const double yy = ((radial + 2.0 * (y * y) * slope) + 6.0 * p1 * y) + 2.0 * p2 * x;
        const double determinant = xx * yy - xy * xy;
        if (!(absolute(determinant) > 1e-9)) return false;
        x = x - (yy * error_x - xy * error_y) / determinant;
        y = y - (xx * error_y - xy * error_x) / determinant;
    }
    if (!(absolute(error_x) <= 1e-4 && absolute(error_y) <= 1e-4 && x * x + y * y <= c.max_radius_squared)) return false;
    direction[0] = (c.r[0] * x + c.r[3] * y) + c.r[6];
    direction[1] = (c.r[1] * x + c.r[4] * y) + c.r[7];
    direction[2] = (c.r[2] * x + c.r[5] * y) + c.r[8];
    return true;
}

DEVICE bool contains(const Camera &c, double u, double v) {
    return u >= -0.5 && v >= -0.5 && u < c.width - 0.5 && v < c.height - 0.5;
}

DEVICE bool touches(const Camera &c, double u, double v, double half) {
    return u + half >= -0.5 && v + half >= -0.5 && u - half < c.width - 0.5 && v - half < c.height - 0.5;
}

DEVICE bool covers(const Camera &c, double u, double v, double half) {
    return u - half >= -0.5 && v - half >= -0.5 && u + half < c.width - 0.5 && v + half < c.height - 0.5;
}

DEVICE bool is_set(const Camera &c, const u64 *levels, double u, double v) {
    const int x = to_int(u + 0.5);
    const int y = to_int(v + 0.5);
    return (levels[c.level[0] + (u64)y * c.words[0] + (x >> 6)] >> (x & 63) & 1) != 0;
}

// How much of a window is set: cells of the level that covers it, times their size.
DEVICE int area(const Camera &c, const u64 *levels, double u, double v, double half_width, double half_height) {
    const int left = to_int(larger(u - half_width + 0.5, 0.0));
    const int right = to_int(smaller(u + half_width + 0.5, c.width - 1.0));
    const int top = to_int(larger(v - half_height + 0.5, 0.0));
    const int bottom = to_int(smaller(v + half_height + 0.5, c.height - 1.0));
    if (right < left || bottom < top || u + half_width + 0.5 < 0 || v + half_height + 0.5 < 0) return 0;
    const int size = larger(right - left, bottom - top) / WINDOW_CELLS;
    const int level = smaller(32 - leading_zeros((u32)size), LEVELS - 1);
    const u64 *const bits = levels + c.level[level];
    const int first_bit = left >> level, last_bit = right >> level;
    const int first_word = first_bit >> 6, last_word = last_bit >> 6;
    const u64 first_mask = ~0ull << (first_bit & 63);
    const u64 last_mask = ~0ull >> (63 - (last_bit & 63));
    int cells = 0;
    for (int y = top >> level; y <= bottom >> level; y++) {
        const u64 row = (u64)y * c.words[level];
        for (int i = first_word; i <= last_word; i++) {
            u64 word = bits[row + i];
            if (i == first_word) word &= first_mask;
            if (i == last_word) word &= last_mask;
            cells += count_bits(word);
        }
    }
    return (int)((u32)cells << (2 * level));
}
