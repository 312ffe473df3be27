package dev.squint.pruner.plan;

import static dev.squint.pruner.plan.Method.Budgeting.ADAPTIVE;
import static dev.squint.pruner.plan.Method.Budgeting.EITHER;
import static dev.squint.pruner.plan.Method.Budgeting.EXACT;
import static dev.squint.pruner.plan.Method.Faithfulness.AUTHORS_CODE;
import static dev.squint.pruner.plan.Method.Faithfulness.OUR_READING;
import static dev.squint.pruner.plan.Method.Faithfulness.PARTLY;

import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.method.decoder.AdaptInfer;
import dev.squint.pruner.method.decoder.Aim;
import dev.squint.pruner.method.decoder.Atp;
import dev.squint.pruner.method.decoder.AtpStyle;
import dev.squint.pruner.method.decoder.Dart;
import dev.squint.pruner.method.decoder.DyVte;
import dev.squint.pruner.method.decoder.FastV;
import dev.squint.pruner.method.decoder.Feather;
import dev.squint.pruner.method.decoder.GemFilter;
import dev.squint.pruner.method.decoder.IvcPrune;
import dev.squint.pruner.method.decoder.Lrs;
import dev.squint.pruner.method.decoder.MustDrop;
import dev.squint.pruner.method.decoder.Pact;
import dev.squint.pruner.method.decoder.PyramidDrop;
import dev.squint.pruner.method.decoder.SparseVlm;
import dev.squint.pruner.method.depth.GSearch;
import dev.squint.pruner.method.depth.GammaMod;
import dev.squint.pruner.method.depth.PMod;
import dev.squint.pruner.method.depth.SkipDecode;
import dev.squint.pruner.method.depth.Yopo;
import dev.squint.pruner.plan.Method.Budgeting;
import dev.squint.pruner.plan.Method.Faithfulness;
import java.util.List;
import java.util.Set;

/** Methods that act between decoder layers or in every layer. */
final class DecoderMethods {

  // spotless:off
  static final List<Method> BETWEEN_LAYERS = List.of(
      decoder("lrs", EITHER, new Lrs(0.2), PARTLY,
          "LRS-VQA, arXiv 2503.07588, without its trained module",
          "the global view, and the crops' tokens that the last prompt token attends to most"),
      decoder("fastv", EXACT, new FastV(), AUTHORS_CODE,
          "FastV, arXiv 2403.06764",
          "the tokens that the last prompt token attends to most"),
      decoder("feather", EXACT, new Feather(3), OUR_READING,
          "FEATHER, arXiv 2412.13180",
          "a uniform grid, and the tokens that the last prompt token attends to most without RoPE"),
      decoder("dart", EXACT, new Dart(4, 4), PARTLY,
          "DART, arXiv 2502.11494",
          "a few pivots, and the tokens least similar to them"),
      decoder("ivc-prune", EXACT, new IvcPrune(0.4, 0.01), PARTLY,
          "IVC-Prune, arXiv 2602.03060",
          "the tokens that RoPE hardly rotates or rotates by 90 degrees, and those with values like the question's"),
      decoder("pact", EITHER, new Pact(0.55, 0.21, 1.5), PARTLY,
          "PACT, arXiv 2504.08966, without attention in proportion to merged tokens",
          "means of clusters of important tokens with similar keys"),
      decoder("pyramiddrop", EXACT, new PyramidDrop(), AUTHORS_CODE,
          "PyramidDrop, arXiv 2410.17247",
          "the tokens that the last prompt token would attend to most in the next layer"),
      decoder("sparsevlm", EITHER, new SparseVlm(false, 13.5, 0), PARTLY,
          "SparseVLM, arXiv 2410.04417",
          "the tokens that the question's informative words attend to"),
      decoder("adaptinfer", EXACT, new AdaptInfer(1), AUTHORS_CODE,
          "AdaptInfer, arXiv 2508.06084",
          "the tokens that the question attends to, with more weight for informative words"),
      decoder("aim", EXACT, new Aim(0.1, 5), PARTLY,
          "AIM, arXiv 2412.03248, pruning stage",
          "the tokens with the highest PageRank in the attention"),
      decoder("mustdrop", ADAPTIVE, new MustDrop(0.001, 0.001, 0.08), AUTHORS_CODE,
          "MustDrop, arXiv 2411.10803, prefilling stage",
          "the tokens that the words attend to enough, and those with high CLS attention"),
      decoder("atp-style", ADAPTIVE, new AtpStyle(0, 0.5, 4, AtpStyle.Self.LOGITS), OUR_READING,
          "in the style of ATP-LLaVA, arXiv 2412.00447, without its trained modules",
          "the tokens above a fixed threshold, and those on a sparse grid"),
      decoder("atp", ADAPTIVE, new Atp(), OUR_READING,
          "ATP-LLaVA, arXiv 2412.00447",
          "the tokens above thresholds that a trained module sets for each tile and question"),
      decoder("dyvte", ADAPTIVE, new DyVte(), AUTHORS_CODE,
          "DyVTE, arXiv 2411.19628",
          "all tokens, or none from the layer where a trained gate decides to drop them"),
      decoder("gemfilter", EXACT, new GemFilter(5), PARTLY,
          "GemFilter, arXiv 2409.17422, among visual tokens",
          "the tokens with high logits for the last prompt token; the decoder restarts with them"));

  static final List<Method> IN_ALL_LAYERS = List.of(
      allLayers("p-mod", new Action.Router(new Trained("p-mod"), PMod::of), AUTHORS_CODE,
          "p-MoD, arXiv 2412.04449",
          "in each layer a share of the visual tokens that falls with depth"),
      allLayers("gamma-mod", new Action.Router(new Trained("gamma-mod"), GammaMod::of), AUTHORS_CODE,
          "gamma-MoD, arXiv 2410.13859",
          "in each layer the tokens that one router for all layers selects"),
      allLayers("skipdecode", new Action.Exits(new SkipDecode(1, 1, 0.5, 64)), OUR_READING,
          "SkipDecode, arXiv 2307.02628",
          "all tokens; later tokens of an answer skip some layers"),
      allLayers("g-search", new Action.Layers(new GSearch(0.5, 0, GSearch.NO_FILE)), OUR_READING,
          "G-Search and P-Sigmoid, arXiv 2412.00556",
          "in each layer as many tokens as a calibration or a curve under a budget says"),
      allLayers("yopo", new Action.Layers(new Yopo(0.625, 0)), PARTLY,
          "YOPO, arXiv 2410.06169, without inactive heads",
          "all tokens, and no visual ones after a share of the layers"));
  // spotless:on

  private DecoderMethods() {}

  private static Method decoder(
      String name,
      Budgeting budgeting,
      Pruner<LayerTokens> method,
      Faithfulness faithfulness,
      String paper,
      String summary) {
    return new Method(
        name,
        summary,
        new Action.Tokens<>(LayerTokens.class, method),
        Set.of(Point.Kind.DECODER),
        budgeting,
        paper,
        faithfulness);
  }

  private static Method allLayers(
      String name, Action action, Faithfulness faithfulness, String paper, String summary) {
    return new Method(
        name, summary, action, Set.of(Point.Kind.ALL_LAYERS), ADAPTIVE, paper, faithfulness);
  }
}
