/**
 * Maths that several methods share, as pure functions: quantiles, pooling, singular values,
 * clustering, bipartite matching, resampling of grids.
 *
 * <p>Traps: {@code Bilinear} follows PyTorch's {@code align_corners=False} without antialiasing, as
 * the authors' code does.
 */
@NullMarked
package dev.squint.pruner.maths;

import org.jspecify.annotations.NullMarked;
