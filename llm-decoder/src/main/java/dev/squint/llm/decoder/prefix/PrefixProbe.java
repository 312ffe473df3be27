package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import java.util.List;

/**
 * Tests whether a decoder gives the same result for a prompt in two parts as for the whole. It does
 * not where a token attends to later ones (bidirectional attention on pictures or prompts), where
 * states replace keys and values, or where the graph takes only one token with a cache.
 *
 * <p>Where one scale is computed for all tokens (dynamic quantization), every token changes the
 * rounding of all others. How much is measured: a sequence is run alone and next to another one in
 * a batch. No attention reaches from one sequence to another, so what changes is rounding. Parts
 * may differ from the whole by twice as much. Measured on 8-bit graphs of 14 small packages: 0.3 to
 * 2 times as much in one prompt, 0.7 to 1.2 times over three; with bidirectional attention 4 to 15
 * times.
 */
final class PrefixProbe {

  private static final int TOKENS = 16;
  private static final int FIRST_PART = 9;
  private static final int PROMPTS = 3;

  /** Rounding leaves 1e-6 in floats; one hidden token more or less changes 1e-2 and up. */
  private static final double SAME = 1e-4;

  private static final double SAME_IN_HALVES = 1e-2;
  private static final double OF_OWN_ROUNDING = 2;

  private final List<DecoderStage> stages;
  private final ProbePrompts prompts;

  private PrefixProbe(TextEmbeddings embeddings, List<DecoderStage> stages) {
    this.stages = stages;
    this.prompts = ProbePrompts.of(embeddings, stages);
  }

  /**
   * Whether prompts can be run in parts, and whether exactly.
   *
   * @param stages whose caches hold rows of tokens and nothing else
   */
  static PrefixTrial.Result of(TextEmbeddings embeddings, List<DecoderStage> stages) {
    PrefixProbe probe = new PrefixProbe(embeddings, stages);
    try {
      if (probe.sameInParts()) {
        return PrefixTrial.Result.EXACT;
      }
    } catch (IllegalStateException | IllegalArgumentException refused) {
      return PrefixTrial.Result.cannot("the decoder's graph takes only one token after a prompt");
    }
    try {
      return probe.sameWithinRounding()
          ? PrefixTrial.Result.ROUNDED
          : PrefixTrial.Result.cannot("tokens of a prompt attend to later ones");
    } catch (IllegalStateException | IllegalArgumentException refused) {
      return PrefixTrial.Result.cannot(
          "a prompt in parts gives other values, and the graph takes no batch");
    }
  }

  private boolean sameInParts() {
    PromptEmbeddings prompt = prompts.prompt(0, TOKENS);
    Computed whole = run(prompt);
    return whole.largestDifference(inParts(prompt)) <= (whole.halves() ? SAME_IN_HALVES : SAME);
  }

  private boolean sameWithinRounding() {
    double parts = 0;
    double rounding = 0;
    boolean halves = false;
    for (int i = 0; i < PROMPTS; i++) {
      PromptEmbeddings prompt = prompts.prompt(i, TOKENS);
      Computed whole = run(prompt);
      parts += Math.pow(whole.difference(inParts(prompt)), 2);
      rounding += Math.pow(whole.difference(run(prompt, prompts.prompt(PROMPTS + i, TOKENS))), 2);
      halves |= whole.halves();
    }
    double own = Math.sqrt(rounding / PROMPTS);
    // Less is no rounding that depends on other tokens: the difference has another cause.
    return own > (halves ? SAME_IN_HALVES : SAME)
        && Math.sqrt(parts / PROMPTS) <= OF_OWN_ROUNDING * own;
  }

  /** Runs prompts of the same length in one batch; the first one counts. */
  private Computed run(PromptEmbeddings... prompts) {
    try (StageCaches caches = StageCaches.empty(stages, prompts.length)) {
      return Computed.of(stages, caches, List.of(prompts));
    }
  }

  private Computed inParts(PromptEmbeddings prompt) {
    try (StageCaches caches = StageCaches.empty(stages)) {
      Computed.of(stages, caches, List.of(prompt.of(0, FIRST_PART)));
      return Computed.of(stages, caches, List.of(prompt.of(FIRST_PART, TOKENS)));
    }
  }
}
