package io.dragon.tools.reconstruct;

import io.dragon.engine.frame.FrameFormat;

/**
 * A picture as a frame takes it.
 *
 * @param format GREY8, GREY16 (little-endian) or RGB8
 * @param width  pixels
 * @param height pixels
 * @param pixels row by row without padding
 */
public record Picture(FrameFormat format, int width, int height, byte[] pixels) {}
