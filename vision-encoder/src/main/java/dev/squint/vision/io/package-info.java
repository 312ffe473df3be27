/**
 * Platform helpers shared by several packages and modules. Start with {@link
 * dev.squint.vision.io.ContentHash} for cache keys, and with {@link
 * dev.squint.vision.io.DirectBuffers} for memory outside the Java heap.
 *
 * <p>Traps: ONNX Runtime reads direct buffers in the platform's byte order, while a new {@code
 * ByteBuffer} is big-endian; a buffer has at most 2 GiB, so sizes are multiplied exactly.
 */
@NullMarked
package dev.squint.vision.io;

import org.jspecify.annotations.NullMarked;
