/**
 * What several packages and modules need of the platform: names for contents ({@link
 * dev.squint.vision.io.ContentHash}) and memory outside the Java heap ({@link
 * dev.squint.vision.io.DirectBuffers}).
 *
 * <p>Traps: ONNX Runtime reads direct buffers in the platform's byte order, while a new {@code
 * ByteBuffer} is big-endian; a buffer has at most 2 GiB, so sizes are multiplied exactly.
 */
@NullMarked
package dev.squint.vision.io;

import org.jspecify.annotations.NullMarked;
