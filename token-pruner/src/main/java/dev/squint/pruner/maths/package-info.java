/**
 * Maths that several methods share, as pure functions: quantiles, pooling, singular values,
 * clustering, bipartite matching, resampling of grids. A formula of a single method is in the file
 * of this method.
 *
 * <p>Start with {@link dev.squint.pruner.maths.Softmax}, the shortest one. Traps: {@code Bilinear}
 * follows PyTorch's {@code align_corners=False} without antialiasing, as the authors' code does.
 */
@NullMarked
package dev.squint.pruner.maths;

import org.jspecify.annotations.NullMarked;
