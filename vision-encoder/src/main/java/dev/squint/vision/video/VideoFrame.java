package dev.squint.vision.video;

import dev.squint.vision.picture.Picture;

/**
 * One frame of a video.
 *
 * @param seconds when it was asked for, from the first frame
 * @param picture the frame upright
 */
public record VideoFrame(double seconds, Picture picture) {}
