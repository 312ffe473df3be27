package dev.squint.pruner.plan;

import dev.squint.pruner.CachePolicy;

/**
 * An entry of the catalogue of cache policies.
 *
 * @param name as plans call it
 * @param summary what stays, in a few words
 * @param defaults the policy with its default parameters
 * @param budgeting what it makes of a budget
 * @param paper authors' title and arXiv id
 * @param faithfulness how far it is the published method
 */
public record CacheMethod(
    String name,
    String summary,
    CachePolicy defaults,
    Method.Budgeting budgeting,
    String paper,
    Method.Faithfulness faithfulness) {}
