package dev.squint.llm.decoder.prefix;

import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.session.DensePrefill;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import java.util.List;

/**
 * Tests whether tokens of a decoder that takes no attention mask see those before them in order, or
 * those at lower positions. The latter would see later tokens too, once dropped tokens have left
 * gaps between positions. RoPE depends on distances only, so a prompt whose positions are all
 * higher must get the same logits.
 */
public final class SightProbe {

  private static final int TOKENS = 8;

  /** Rounding leaves 1e-5 in floats and 1e-2 in halves; one more token seen changes 1e-1 and up. */
  private static final double SAME = 0.03;

  private SightProbe() {}

  /** Whether tokens see each other in order. */
  public static boolean isByOrder(TextEmbeddings embeddings, List<DecoderStage> stages) {
    PromptEmbeddings first = ProbePrompts.of(embeddings, stages).prompt(0, TOKENS);
    PromptEmbeddings later =
        new PromptEmbeddings(
            first.values(), PositionIds.counting(TOKENS, TOKENS), 2 * TOKENS, first.extras());
    float[] some = logits(stages, first);
    float[] others = logits(stages, later);
    double length = 0;
    double apart = 0;
    for (int i = 0; i < some.length; i++) {
      length += (double) some[i] * some[i];
      apart += Math.pow(some[i] - others[i], 2);
    }
    return apart <= SAME * SAME * length;
  }

  private static float[] logits(List<DecoderStage> stages, PromptEmbeddings prompt) {
    try (Prefilled prefilled = DensePrefill.plain(stages).run(prompt, StageCaches.empty(stages))) {
      return prefilled.logits();
    }
  }
}
