package dev.squint.vision.video;

import dev.squint.vision.picture.Picture;

/**
 * One frame of a video.
 *
 * @param seconds the requested time, from the first frame
 * @param picture the upright frame
 */
public record VideoFrame(double seconds, Picture picture) {}
