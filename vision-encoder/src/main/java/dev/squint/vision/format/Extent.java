package dev.squint.vision.format;

/**
 * A part of a file.
 *
 * @param at position of its first byte
 * @param length number of bytes
 */
public record Extent(long at, long length) {}
