package dev.squint.llm;

import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TokenPairs;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.method.depth.Yopo;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.ScheduleStep;
import dev.squint.vision.onnx.graph.GraphRewriter;
import java.nio.file.Path;
import java.util.Optional;

/** Restricts the attention of visual tokens to their neighbours, for plans that ask for it. */
final class NeighbourAttention {

  private NeighbourAttention() {}

  /** Whether a plan restricts attention to neighbours. */
  static boolean isIn(PruningPlan plan) {
    return rule(plan).isPresent();
  }

  private static Optional<Yopo> rule(PruningPlan plan) {
    return Optional.ofNullable(plan.schedule())
        .map(ScheduleStep::schedule)
        .filter(Yopo.class::isInstance)
        .map(Yopo.class::cast)
        .filter(Yopo::seesNeighboursOnly);
  }

  /**
   * Checks that a decoder can restrict attention to neighbours.
   *
   * @param known whether the decoder is known to be able to
   * @throws IllegalArgumentException if not; the message names the node
   */
  static void require(PruningPlan plan, Path decoder, boolean known) {
    if (!plan.needs(Point.CACHE).isEmpty()) {
      throw new IllegalArgumentException(
          "'%s' changes the attention that methods on the cache read; remove them"
              .formatted(plan.schedule()));
    }
    try {
      if (!known) {
        GraphRewriter.checkPairs(decoder);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' needs a decoder that takes as input which tokens attend to which: %s"
              .formatted(plan.schedule(), e.getMessage()),
          e);
    }
  }

  /** The prompt with which visual tokens attend to which; itself where the graph decides. */
  static PromptEmbeddings paired(
      PruningPlan plan, PromptEmbeddings prompt, int[] visual, PatchTokens tokens) {
    return rule(plan)
        .map(yopo -> TokenPairs.of(yopo, prompt.tokens(), visual, tokens.positions()))
        .map(pairs -> prompt.with(prompt.extras().with(pairs)))
        .orElse(prompt);
  }
}
