package dev.squint.pruner.plan;

import static dev.squint.pruner.plan.Method.Budgeting.ADAPTIVE;
import static dev.squint.pruner.plan.Method.Budgeting.EITHER;
import static dev.squint.pruner.plan.Method.Budgeting.EXACT;
import static dev.squint.pruner.plan.Method.Faithfulness.AUTHORS_CODE;
import static dev.squint.pruner.plan.Method.Faithfulness.OUR_READING;
import static dev.squint.pruner.plan.Method.Faithfulness.OWN;
import static dev.squint.pruner.plan.Method.Faithfulness.PARTLY;

import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.method.encoder.AgilePruner;
import dev.squint.pruner.method.encoder.AimMerge;
import dev.squint.pruner.method.encoder.CdPruner;
import dev.squint.pruner.method.encoder.ClsAttentionPruner;
import dev.squint.pruner.method.encoder.DeepStack;
import dev.squint.pruner.method.encoder.DivPrune;
import dev.squint.pruner.method.encoder.FlowCut;
import dev.squint.pruner.method.encoder.GlobalCom2;
import dev.squint.pruner.method.encoder.HiPrune;
import dev.squint.pruner.method.encoder.HiRed;
import dev.squint.pruner.method.encoder.HoloV;
import dev.squint.pruner.method.encoder.InPlace;
import dev.squint.pruner.method.encoder.Ipcv;
import dev.squint.pruner.method.encoder.MustDropVision;
import dev.squint.pruner.method.encoder.PruMerge;
import dev.squint.pruner.method.encoder.Scope;
import dev.squint.pruner.method.encoder.TextGuided;
import dev.squint.pruner.method.encoder.ToMe;
import dev.squint.pruner.method.encoder.TokenCorr;
import dev.squint.pruner.method.encoder.VScan;
import dev.squint.pruner.method.encoder.Variant;
import dev.squint.pruner.method.encoder.VisPruner;
import dev.squint.pruner.method.encoder.VisionTrim;
import dev.squint.pruner.method.encoder.VisionZip;
import dev.squint.pruner.plan.Method.Budgeting;
import dev.squint.pruner.plan.Method.Faithfulness;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Methods that act on the tokens of the encoder, inside it or after it; those for clips are in
 * {@link ClipMethods}.
 */
final class EncoderMethods {
  static final Set<Point.Kind> AFTER = Set.of(Point.Kind.ENCODER);
  private static final Set<Point.Kind> INSIDE_OR_AFTER =
      EnumSet.of(Point.Kind.INSIDE_ENCODER, Point.Kind.ENCODER);

  // spotless:off
  static final List<Method> ALL = List.of(
      encoder("cls-attention", AFTER, EXACT, new ClsAttentionPruner(-1), OUR_READING,
          "FasterVLM's idea, arXiv 2412.01818v1",
          "the tokens that the encoder's CLS token attends to most"),
      encoder("text-guided", AFTER, EXACT, new TextGuided(TextGuided.Guide.WORDS, 0.1), OWN,
          "none",
          "the tokens nearest to the question's words in the language model's embedding space"),
      encoder("in-place", AFTER, ADAPTIVE, new InPlace(), OWN,
          "none",
          "all tokens, at their positions in the prompt before any reduction"),
      encoder("deepstack", AFTER, ADAPTIVE, new DeepStack(DeepStack.Sampling.TWO_D, 4, 1, 1), AUTHORS_CODE,
          "DeepStack, arXiv 2406.04334",
          "the global views; the crops are added to them between decoder layers"),
      encoder("globalcom2", AFTER, EXACT, new GlobalCom2(Variant.PAPER, 10), PARTLY,
          "GlobalCom2, arXiv 2501.05179",
          "tokens with high CLS attention, in each crop in proportion to its region in the global view"),
      encoder("hired", AFTER, EXACT, new HiRed(Variant.PAPER, 0.5), PARTLY,
          "HiRED, arXiv 2408.10945",
          "the most attended tokens of each tile, in each crop in proportion to early attention to its region"),
      encoder("visionzip", AFTER, EXACT, new VisionZip(Variant.PAPER, 0.15625), PARTLY,
          "VisionZip, arXiv 2412.04467",
          "the most attended tokens of each tile, and means of the others"),
      encoder("divprune", AFTER, EXACT, new DivPrune(), AUTHORS_CODE,
          "DivPrune, arXiv 2503.02175",
          "the most different tokens"),
      encoder("vispruner", AFTER, EXACT, new VisPruner(0.5), AUTHORS_CODE,
          "VisPruner, arXiv 2412.01818",
          "the most attended tokens of each tile, and the most different of the others"),
      encoder("cdpruner", AFTER, EXACT, new CdPruner(CdPruner.Relevance.QUESTION), PARTLY,
          "CDPruner, arXiv 2506.10967",
          "tokens relevant to the question and different from each other"),
      encoder("scope", AFTER, EXACT, new Scope(1), AUTHORS_CODE,
          "SCOPE, arXiv 2510.24214",
          "the tokens that add most to the coverage of their tile, times their CLS attention"),
      encoder("holov", AFTER, EXACT, new HoloV(16, 0.09), AUTHORS_CODE,
          "HoloV, arXiv 2510.02912",
          "the most attended tokens of each strip of a tile, in proportion to the strip's attention"),
      encoder("hiprune", AFTER, EXACT, new HiPrune(Variant.PAPER, 0.1, 0.375), PARTLY,
          "HiPrune, arXiv 2508.00553",
          "tokens attended to in a middle layer with their neighbours, and those attended to in the last"),
      encoder("vscan", AFTER, EXACT, new VScan(0.5, 6, 0.25), PARTLY,
          "VScan, arXiv 2505.22654, first stage",
          "tokens attended to early in each window, those attended to late, and the others merged in"),
      encoder("visiontrim", AFTER, EXACT, new VisionTrim(Variant.PAPER, 0.25, 3), PARTLY,
          "VisionTrim, arXiv 2601.22674",
          "the dominant tokens of each tile, and those most like the question with the others merged in"),
      encoder("agilepruner", AFTER, EXACT, new AgilePruner(30, 0.5), OUR_READING,
          "AgilePruner, arXiv 2603.01236",
          "the most attended tokens, and of complex pictures fewer that are alike"),
      encoder("prumerge", AFTER, EITHER, new PruMerge(Variant.PAPER, false), PARTLY,
          "LLaVA-PruMerge, arXiv 2403.15388",
          "outliers of CLS attention with similar tokens added, and one token for all others"),
      encoder("mustdrop-vision", INSIDE_OR_AFTER, ADAPTIVE, new MustDropVision(3, 0.8), AUTHORS_CODE,
          "MustDrop, arXiv 2411.10803, vision stage",
          "means of windows with similar tokens, and all other tokens"),
      encoder("flowcut", INSIDE_OR_AFTER, EXACT, new FlowCut(2), AUTHORS_CODE,
          "FlowCut, arXiv 2505.19536",
          "tokens with high CLS attention and long values that are like the CLS token's, in all layers so far"),
      encoder("ipcv", EnumSet.of(Point.Kind.INSIDE_ENCODER), EXACT, new Ipcv(10, 3), AUTHORS_CODE,
          "IPCV, arXiv 2512.18747",
          "the tokens that the last layer changed most; all others come back behind the encoder"),
      encoder("aim-merge", AFTER, EXACT, new AimMerge(), AUTHORS_CODE,
          "AIM, arXiv 2412.03248, merging stage",
          "means of the most similar pairs"),
      encoder("tome", INSIDE_OR_AFTER, EXACT, new ToMe(true), AUTHORS_CODE,
          "ToMe, arXiv 2210.09461",
          "means of the most similar pairs, weighted by patches"),
      encoder("tokencorr", AFTER, EITHER, new TokenCorr(0.7, 0.2), OUR_READING,
          "Token-level Correlation-guided Compression, arXiv 2407.14439",
          "the most attended tokens, as many as the tile has non-redundant ones"));
  // spotless:on

  private EncoderMethods() {}

  static Method encoder(
      String name,
      Set<Point.Kind> points,
      Budgeting budgeting,
      Pruner<PatchTokens> method,
      Faithfulness faithfulness,
      String paper,
      String summary) {
    return new Method(
        name,
        summary,
        new Action.Tokens<>(PatchTokens.class, method),
        points,
        budgeting,
        paper,
        faithfulness);
  }
}
