package dev.squint.pruner.plan;

import static dev.squint.pruner.Point.Kind.DECODER;
import static dev.squint.pruner.Point.Kind.ENCODER;
import static dev.squint.pruner.Point.Kind.FRAMES;
import static dev.squint.pruner.Point.Kind.INSIDE_ENCODER;
import static dev.squint.pruner.Point.Kind.TILES;

import dev.squint.pruner.CropTokens;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.LayerTokens;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.TokenSet;
import dev.squint.pruner.method.baseline.AveragePool;
import dev.squint.pruner.method.baseline.KeepAll;
import dev.squint.pruner.method.baseline.RandomChoice;
import dev.squint.pruner.method.baseline.UniformGrid;
import dev.squint.pruner.method.decoder.AdaptInfer;
import dev.squint.pruner.method.decoder.Aim;
import dev.squint.pruner.method.decoder.Atp;
import dev.squint.pruner.method.decoder.AtpStyle;
import dev.squint.pruner.method.decoder.DyVte;
import dev.squint.pruner.method.decoder.FastV;
import dev.squint.pruner.method.decoder.GemFilter;
import dev.squint.pruner.method.decoder.Lrs;
import dev.squint.pruner.method.decoder.MustDrop;
import dev.squint.pruner.method.decoder.PyramidDrop;
import dev.squint.pruner.method.decoder.SparseVlm;
import dev.squint.pruner.method.encoder.AimMerge;
import dev.squint.pruner.method.encoder.CdPruner;
import dev.squint.pruner.method.encoder.ClsAttentionPruner;
import dev.squint.pruner.method.encoder.DeepStack;
import dev.squint.pruner.method.encoder.DivPrune;
import dev.squint.pruner.method.encoder.Evs;
import dev.squint.pruner.method.encoder.GlobalCom2;
import dev.squint.pruner.method.encoder.HiRed;
import dev.squint.pruner.method.encoder.InPlace;
import dev.squint.pruner.method.encoder.MergeFrames;
import dev.squint.pruner.method.encoder.MustDropVision;
import dev.squint.pruner.method.encoder.PruMerge;
import dev.squint.pruner.method.encoder.Quota;
import dev.squint.pruner.method.encoder.StaticPatches;
import dev.squint.pruner.method.encoder.TextGuided;
import dev.squint.pruner.method.encoder.ToMe;
import dev.squint.pruner.method.encoder.TokenCorr;
import dev.squint.pruner.method.encoder.Variant;
import dev.squint.pruner.method.encoder.VisPruner;
import dev.squint.pruner.method.encoder.VisionZip;
import dev.squint.pruner.method.frames.EvenFrames;
import dev.squint.pruner.method.frames.KeyFrames;
import dev.squint.pruner.method.frames.MotionFrames;
import dev.squint.pruner.method.frames.SkipStaticFrames;
import dev.squint.pruner.method.tiles.Downsample;
import dev.squint.pruner.method.tiles.LrsTiles;
import dev.squint.pruner.method.tiles.SkipPlainTiles;
import dev.squint.pruner.method.tiles.TextTiles;
import dev.squint.pruner.method.tiles.ThumbnailTiles;
import dev.squint.pruner.plan.Method.Budgeting;
import dev.squint.pruner.plan.Method.Faithfulness;
import dev.squint.pruner.plan.Method.Training;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The catalogue: every method by the name that plans use. */
public final class MethodCatalogue {
  private static final MethodCatalogue ALL =
      new MethodCatalogue(
          List.of(
              baseline("none", "every token", Budgeting.ADAPTIVE, new KeepAll()),
              new Method<>(
                  "random",
                  "a random choice",
                  TokenSet.class,
                  new RandomChoice(0),
                  EnumSet.of(FRAMES, TILES, ENCODER, DECODER),
                  Budgeting.EXACT,
                  "none",
                  Training.FREE,
                  Faithfulness.BASELINE),
              baseline(
                  "uniform-grid",
                  "tokens spread evenly over each tile",
                  Budgeting.EXACT,
                  new UniformGrid()),
              baseline(
                  "average-pool",
                  "means of neighbouring tokens of each tile",
                  Budgeting.EXACT,
                  new AveragePool()),
              frames(
                  "even",
                  "frames in even distances",
                  new EvenFrames(),
                  Budgeting.EXACT,
                  Faithfulness.BASELINE),
              frames(
                  "key-frames",
                  "the frames that differ most from the one before, such as those after cuts",
                  new KeyFrames(),
                  Budgeting.EXACT,
                  Faithfulness.OWN),
              frames(
                  "motion",
                  "frames in even distances of what moves between them",
                  new MotionFrames(0.05),
                  Budgeting.EXACT,
                  Faithfulness.OWN),
              frames(
                  "skip-static",
                  "the frames that differ from the last one that is looked at",
                  new SkipStaticFrames(0.01),
                  Budgeting.ADAPTIVE,
                  Faithfulness.OWN),
              tiles(
                  "downsample",
                  "the whole picture at a lower resolution",
                  new Downsample(),
                  Budgeting.ABOUT,
                  Faithfulness.BASELINE),
              tiles(
                  "thumbnail",
                  "the crops that the CLS token of the global view attends to most",
                  new ThumbnailTiles(-1),
                  Budgeting.EXACT,
                  Faithfulness.OWN),
              tiles(
                  "text",
                  "the crops where the global view has what the question's words name",
                  new TextTiles(TextGuided.Guide.WORDS, 0.1),
                  Budgeting.EXACT,
                  Faithfulness.OWN),
              new Method<>(
                  "lrs-tiles",
                  "the crops that show what the decoder's first layers look at in the global view",
                  CropTokens.class,
                  new LrsTiles(2, 0.25),
                  EnumSet.of(TILES),
                  Budgeting.EITHER,
                  "LRS-VQA, arXiv 2503.07588, without its trained module and pyramid",
                  Training.FREE,
                  Faithfulness.OUR_READING),
              tiles(
                  "skip-plain",
                  "the crops that are not of nearly one colour",
                  new SkipPlainTiles(0.03),
                  Budgeting.ADAPTIVE,
                  Faithfulness.OWN),
              encoder(
                  "cls-attention",
                  "the tokens that the encoder's CLS token attends to most",
                  new ClsAttentionPruner(-1),
                  Budgeting.EXACT,
                  "FasterVLM's idea, arXiv 2412.01818v1",
                  Faithfulness.OUR_READING),
              encoder(
                  "text-guided",
                  "the tokens nearest to the question's words in the language model's embedding"
                      + " space",
                  new TextGuided(TextGuided.Guide.WORDS, 0.1),
                  Budgeting.EXACT,
                  "none",
                  Faithfulness.OWN),
              encoder(
                  "in-place",
                  "every token that is left, at the position that it had in the whole prompt",
                  new InPlace(),
                  Budgeting.ADAPTIVE,
                  "none",
                  Faithfulness.OWN),
              encoder(
                  "deepstack",
                  "the global views, to which the crops are added between decoder layers",
                  new DeepStack(DeepStack.Sampling.TWO_D, 4, 1, 1),
                  Budgeting.ADAPTIVE,
                  "DeepStack, arXiv 2406.04334",
                  Faithfulness.AUTHORS_CODE),
              encoder(
                  "globalcom2",
                  "what the global view finds important, in each crop as much as its region"
                      + " deserves",
                  new GlobalCom2(Variant.PAPER, 10),
                  Budgeting.EXACT,
                  "GlobalCom2, arXiv 2501.05179",
                  Faithfulness.PARTLY),
              encoder(
                  "hired",
                  "the most attended tokens of each tile, in each crop as many as early attention"
                      + " to its region deserves",
                  new HiRed(Variant.PAPER, 0.5),
                  Budgeting.EXACT,
                  "HiRED, arXiv 2408.10945",
                  Faithfulness.PARTLY),
              encoder(
                  "visionzip",
                  "the most attended tokens of each tile, and means of the rest",
                  new VisionZip(Variant.PAPER, 0.15625),
                  Budgeting.EXACT,
                  "VisionZip, arXiv 2412.04467",
                  Faithfulness.PARTLY),
              encoder(
                  "divprune",
                  "the most different tokens",
                  new DivPrune(),
                  Budgeting.EXACT,
                  "DivPrune, arXiv 2503.02175",
                  Faithfulness.AUTHORS_CODE),
              encoder(
                  "vispruner",
                  "the most attended tokens of each tile, and of the rest those least alike",
                  new VisPruner(0.5),
                  Budgeting.EXACT,
                  "VisPruner, arXiv 2412.01818",
                  Faithfulness.AUTHORS_CODE),
              encoder(
                  "cdpruner",
                  "tokens relevant to the question and different from each other",
                  new CdPruner(CdPruner.Relevance.QUESTION),
                  Budgeting.EXACT,
                  "CDPruner, arXiv 2506.10967",
                  Faithfulness.PARTLY),
              encoder(
                  "prumerge",
                  "outliers of CLS attention with their likes added, and one token for all others",
                  new PruMerge(Variant.PAPER, false),
                  Budgeting.EITHER,
                  "LLaVA-PruMerge, arXiv 2403.15388",
                  Faithfulness.PARTLY),
              insideEncoder(
                  "mustdrop-vision",
                  "means of windows whose tokens are alike, and all other tokens",
                  new MustDropVision(3, 0.8),
                  Budgeting.ADAPTIVE,
                  "MustDrop, arXiv 2411.10803, vision stage",
                  Faithfulness.AUTHORS_CODE),
              encoder(
                  "aim-merge",
                  "means of the most similar pairs",
                  new AimMerge(),
                  Budgeting.EXACT,
                  "AIM, arXiv 2412.03248, merging stage",
                  Faithfulness.AUTHORS_CODE),
              insideEncoder(
                  "tome",
                  "means of the most similar pairs, weighted by patches",
                  new ToMe(true),
                  Budgeting.EXACT,
                  "ToMe, arXiv 2210.09461",
                  Faithfulness.AUTHORS_CODE),
              encoder(
                  "tokencorr",
                  "as many of the most attended tokens as a tile has that are unlike the others",
                  new TokenCorr(0.7, 0.2),
                  Budgeting.EITHER,
                  "Token-level Correlation-guided Compression, arXiv 2407.14439",
                  Faithfulness.OUR_READING),
              encoder(
                  "evs",
                  "the first frame, and the tokens least like the one in their place a frame before",
                  new Evs(),
                  Budgeting.EXACT,
                  "Efficient Video Sampling, as vLLM documents it",
                  Faithfulness.OUR_READING),
              encoder(
                  "static-patches",
                  "the tokens of patches whose pixels changed since the frame before",
                  new StaticPatches(0.02),
                  Budgeting.EITHER,
                  "none",
                  Faithfulness.OWN),
              encoder(
                  "merge-frames",
                  "means of the tokens of one place that stay alike from frame to frame",
                  new MergeFrames(0.9),
                  Budgeting.EITHER,
                  "none",
                  Faithfulness.OWN),
              encoder(
                  "quota",
                  "each frame in a size that its relevance to the question deserves",
                  new Quota(Quota.Resizing.BILINEAR),
                  Budgeting.AT_MOST,
                  "QuoTA, arXiv 2503.08689",
                  Faithfulness.AUTHORS_CODE),
              decoder(
                  "lrs",
                  "the global view, and what the last prompt token attends to in the crops",
                  new Lrs(0.2),
                  Budgeting.EITHER,
                  "LRS-VQA, arXiv 2503.07588, without its trained module",
                  Faithfulness.PARTLY),
              decoder(
                  "fastv",
                  "the tokens that the last prompt token attends to most",
                  new FastV(),
                  Budgeting.EXACT,
                  "FastV, arXiv 2403.06764",
                  Faithfulness.AUTHORS_CODE),
              decoder(
                  "pyramiddrop",
                  "the tokens that the last prompt token would attend to most in the next layer",
                  new PyramidDrop(),
                  Budgeting.EXACT,
                  "PyramidDrop, arXiv 2410.17247",
                  Faithfulness.AUTHORS_CODE),
              decoder(
                  "sparsevlm",
                  "the tokens that the question's telling words attend to",
                  new SparseVlm(false, 13.5, 0),
                  Budgeting.EITHER,
                  "SparseVLM, arXiv 2410.04417",
                  Faithfulness.PARTLY),
              decoder(
                  "adaptinfer",
                  "the tokens that the words attend to, telling words counting more",
                  new AdaptInfer(1),
                  Budgeting.EXACT,
                  "AdaptInfer, arXiv 2508.06084",
                  Faithfulness.AUTHORS_CODE),
              decoder(
                  "aim",
                  "the tokens that a walk along the attention visits most",
                  new Aim(0.1, 5),
                  Budgeting.EXACT,
                  "AIM, arXiv 2412.03248, pruning stage",
                  Faithfulness.PARTLY),
              decoder(
                  "mustdrop",
                  "the tokens that all words or a single one attend to enough, and those the"
                      + " encoder found important",
                  new MustDrop(0.001, 0.001, 0.08),
                  Budgeting.ADAPTIVE,
                  "MustDrop, arXiv 2411.10803, prefilling stage",
                  Faithfulness.AUTHORS_CODE),
              decoder(
                  "atp-style",
                  "the tokens above a threshold, and those on sparse grids",
                  new AtpStyle(0, 0.5, 4),
                  Budgeting.ADAPTIVE,
                  "in the style of ATP-LLaVA, arXiv 2412.00447, without its trained modules",
                  Faithfulness.OUR_READING),
              trained(
                  "atp",
                  "the tokens above thresholds that a trained module finds for each input",
                  new Atp(),
                  "ATP-LLaVA, arXiv 2412.00447",
                  Faithfulness.OUR_READING),
              trained(
                  "dyvte",
                  "all tokens, or none once a trained gate finds that the text knows enough",
                  new DyVte(),
                  "DyVTE, arXiv 2411.19628",
                  Faithfulness.AUTHORS_CODE),
              decoder(
                  "gemfilter",
                  "the tokens around those that the last prompt token looks for, read anew from the"
                      + " first layer",
                  new GemFilter(5),
                  Budgeting.EXACT,
                  "GemFilter, arXiv 2409.17422, among visual tokens",
                  Faithfulness.PARTLY)));

  private final Map<String, Method<?>> methods = new LinkedHashMap<>();

  private MethodCatalogue(Collection<Method<?>> methods) {
    for (Method<?> method : methods) {
      if (this.methods.put(method.name(), method) != null) {
        throw new IllegalArgumentException("two methods are called '%s'".formatted(method.name()));
      }
    }
  }

  /** Squint's methods. */
  public static MethodCatalogue all() {
    return ALL;
  }

  /** This catalogue and one more method. */
  public MethodCatalogue with(Method<?> method) {
    Collection<Method<?>> more = new ArrayList<>(methods.values());
    more.add(method);
    return new MethodCatalogue(more);
  }

  /** All methods, in the catalogue's order. */
  public List<Method<?>> methods() {
    return List.copyOf(methods.values());
  }

  /**
   * The method of this name.
   *
   * @throws IllegalArgumentException listing the names that there are
   */
  public Method<?> get(String name) {
    Method<?> method = methods.get(name);
    if (method == null) {
      throw new IllegalArgumentException(
          "no method is called '%s'; there are %s".formatted(name, methods.keySet()));
    }
    return method;
  }

  /**
   * Reads a plan of these methods.
   *
   * @throws IllegalArgumentException saying what is wrong, what is allowed and what to write
   *     instead
   */
  public PruningPlan plan(String text) {
    return new PlanParser(this).parse(text);
  }

  private static Method<TokenSet> baseline(
      String name, String summary, Budgeting budgeting, Pruner<TokenSet> method) {
    return new Method<>(
        name,
        summary,
        TokenSet.class,
        method,
        EnumSet.of(ENCODER, DECODER),
        budgeting,
        "none",
        Training.FREE,
        Faithfulness.BASELINE);
  }

  /** A training-free method that decides which frames of a video are looked at. */
  private static Method<FrameTokens> frames(
      String name,
      String summary,
      Pruner<FrameTokens> method,
      Budgeting budgeting,
      Faithfulness faithfulness) {
    return new Method<>(
        name,
        summary,
        FrameTokens.class,
        method,
        EnumSet.of(FRAMES),
        budgeting,
        "none",
        Training.FREE,
        faithfulness);
  }

  /** A training-free method that decides what is encoded at all. */
  private static Method<CropTokens> tiles(
      String name,
      String summary,
      Pruner<CropTokens> method,
      Budgeting budgeting,
      Faithfulness faithfulness) {
    return new Method<>(
        name,
        summary,
        CropTokens.class,
        method,
        EnumSet.of(TILES),
        budgeting,
        "none",
        Training.FREE,
        faithfulness);
  }

  /** A training-free method that acts after the encoder. */
  private static Method<PatchTokens> encoder(
      String name,
      String summary,
      Pruner<PatchTokens> method,
      Budgeting budgeting,
      String paper,
      Faithfulness faithfulness) {
    return new Method<>(
        name,
        summary,
        PatchTokens.class,
        method,
        EnumSet.of(ENCODER),
        budgeting,
        paper,
        Training.FREE,
        faithfulness);
  }

  /** A training-free method that acts inside the encoder as well as after it. */
  private static Method<PatchTokens> insideEncoder(
      String name,
      String summary,
      Pruner<PatchTokens> method,
      Budgeting budgeting,
      String paper,
      Faithfulness faithfulness) {
    return new Method<>(
        name,
        summary,
        PatchTokens.class,
        method,
        EnumSet.of(INSIDE_ENCODER, ENCODER),
        budgeting,
        paper,
        Training.FREE,
        faithfulness);
  }

  /** A training-free method that acts between decoder layers. */
  private static Method<LayerTokens> decoder(
      String name,
      String summary,
      Pruner<LayerTokens> method,
      Budgeting budgeting,
      String paper,
      Faithfulness faithfulness) {
    return new Method<>(
        name,
        summary,
        LayerTokens.class,
        method,
        EnumSet.of(DECODER),
        budgeting,
        paper,
        Training.FREE,
        faithfulness);
  }

  /** A method that acts between decoder layers with weights from the model's package. */
  private static Method<LayerTokens> trained(
      String name,
      String summary,
      Pruner<LayerTokens> method,
      String paper,
      Faithfulness faithfulness) {
    return new Method<>(
        name,
        summary,
        LayerTokens.class,
        method,
        EnumSet.of(DECODER),
        Budgeting.ADAPTIVE,
        paper,
        Training.TRAINED,
        faithfulness);
  }
}
