package dev.squint.llm.decoder;

import dev.squint.llm.decoder.batch.Decoding;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.prefix.PrefixCache;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.pruner.LayerRouter;
import dev.squint.pruner.plan.CacheStep;
import dev.squint.pruner.plan.ExitStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt and what happens to it in the decoder. Start with {@link #of} and add the steps of a
 * plan.
 *
 * @param prompt embeddings and positions
 * @param visual which tokens of the prompt are visual ones, ascending; read by cache policies and
 *     routers
 * @param hook decides between stages which tokens the next stage runs on
 * @param cache policies for the cache, after prefill and while decoding; none keeps all rows
 * @param exits which layers a token passes through, the decoder being cut where that changes; null
 *     for all
 * @param prefixes keys and values of earlier prompts in the same decoder, which this one may start
 *     with; null to run the whole prompt
 * @param router decides for every layer which tokens it runs on, the decoder being cut after every
 *     layer ({@link StagedDecoder#routedPlan}); null for all
 * @param decoding how the sequence decodes beside others
 */
public record PrefillRequest(
    PromptEmbeddings prompt,
    int[] visual,
    StageHook hook,
    List<CacheStep> cache,
    @Nullable ExitStep exits,
    @Nullable PrefixCache prefixes,
    @Nullable LayerRouter router,
    Decoding decoding) {

  /**
   * Checks what can be combined.
   *
   * @throws IllegalArgumentException if blocks of earlier prompts are to be reused while rows or
   *     layers are left out, or a router is combined with exits
   */
  public PrefillRequest {
    visual = visual.clone();
    cache = List.copyOf(cache);
    if (prefixes != null && (!cache.isEmpty() || exits != null || router != null)) {
      throw new IllegalArgumentException(
          "blocks of earlier prompts hold all rows of all layers: they cannot be combined with cache policies, exits or a router; leave out the prefix cache");
    }
    if (router != null && exits != null) {
      throw new IllegalArgumentException(
          "a router cannot be combined with exits; leave out one of them");
    }
  }

  /** A prompt of which all tokens run through all layers. */
  public static PrefillRequest of(PromptEmbeddings prompt) {
    return new PrefillRequest(
        prompt, new int[0], StageHook.NONE, List.of(), null, null, null, Decoding.SHARED);
  }

  /** The same with a decision between stages. */
  public PrefillRequest withHook(StageHook other) {
    return new PrefillRequest(prompt, visual, other, cache, exits, prefixes, router, decoding);
  }

  /**
   * The same with a cache that loses rows or precision.
   *
   * @param tokens which tokens of the prompt are visual ones, ascending
   */
  public PrefillRequest withCache(List<CacheStep> steps, int[] tokens) {
    return new PrefillRequest(prompt, tokens, hook, steps, exits, prefixes, router, decoding);
  }

  /** The same with layers that later tokens skip; null for none. */
  public PrefillRequest withExits(@Nullable ExitStep other) {
    return new PrefillRequest(prompt, visual, hook, cache, other, prefixes, router, decoding);
  }

  /** The same with keys and values of earlier prompts for what this one starts with. */
  public PrefillRequest withPrefixes(PrefixCache other) {
    return new PrefillRequest(prompt, visual, hook, cache, exits, other, router, decoding);
  }

  /**
   * The same with a router.
   *
   * @param tokens which tokens of the prompt are visual ones, ascending
   */
  public PrefillRequest withRouter(LayerRouter other, int[] tokens) {
    return new PrefillRequest(prompt, tokens, hook, cache, exits, prefixes, other, decoding);
  }

  /** The same with another way to decode beside others. */
  public PrefillRequest withDecoding(Decoding other) {
    return new PrefillRequest(prompt, visual, hook, cache, exits, prefixes, router, other);
  }

  /** Whether all rows of all layers stay in the cache while decoding. */
  boolean keepsAllRows() {
    return cache.isEmpty() && exits == null;
  }

  /** Which tokens of the prompt are visual ones, ascending. */
  @Override
  public int[] visual() {
    return visual.clone();
  }
}
