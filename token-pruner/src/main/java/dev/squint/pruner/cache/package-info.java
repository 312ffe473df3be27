/**
 * Policies for the KV cache, one record each: which rows stay or merge, which channels of the keys,
 * and in which form they are stored. The name that the catalogue uses is in {@link
 * dev.squint.pruner.plan.CachePolicies}.
 */
@NullMarked
package dev.squint.pruner.cache;

import org.jspecify.annotations.NullMarked;
