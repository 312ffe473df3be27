package dev.squint.llm;

import dev.squint.llm.RequestStep.Cost;
import dev.squint.llm.RequestStep.Encoded;
import dev.squint.llm.RequestStep.Pruned;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.plan.Decision;
import dev.squint.pruner.plan.PruningPlan;
import java.util.List;

/** Visual tokens to fewer of them: carries out the plan at the point {@code encoder}. */
record PruneStep(ModelParts model, AskOptions options) {

  Pruned prune(Encoded encoded) {
    Stopwatch watch = new Stopwatch();
    PatchTokens tokens = encoded.tokens();
    if (tokens.size() == 0) {
      TokenReduction none = TokenReduction.keepAll(0);
      Cost cost = new Cost(0, watch.total(), 0, 0, List.of());
      return new Pruned(encoded, tokens, tokens, none, encoded.reduction(), cost);
    }
    PruningPlan plan = options.plan();
    // Global views are glanced at before tiles are chosen, so nothing is left to glance at here.
    PatchTokens known =
        new QuestionReader(model, encoded.tiled())
            .evidence(run -> {})
            .addTo(tokens, plan.needs(Point.ENCODER));
    Decision decision = plan.decide(Point.ENCODER, known);
    TokenReduction afterEncoder = decision.reduction();
    TokenReduction reduction = encoded.reduction().then(afterEncoder);
    if (!plan.at(Point.ENCODER).isEmpty()) {
      options
          .onPoint()
          .accept(PointReport.of(Point.ENCODER, encoded.reduction(), reduction, decision.scores()));
    }
    PatchTokens kept = known.reduced(afterEncoder);
    PatchTokens stacked =
        plan.deepStack().map(deep -> deep.withAdditions(known).reduced(afterEncoder)).orElse(kept);
    Cost cost =
        new Cost(
            0,
            watch.total(),
            0,
            known.operations() - tokens.operations() + decision.operations(),
            SubstituteAttention.notes(SubstituteAttention.isShownBy(known)));
    return new Pruned(encoded, kept, stacked, afterEncoder, reduction, cost);
  }
}
