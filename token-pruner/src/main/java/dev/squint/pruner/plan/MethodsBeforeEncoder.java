package dev.squint.pruner.plan;

import static dev.squint.pruner.plan.Method.Budgeting.ABOUT;
import static dev.squint.pruner.plan.Method.Budgeting.ADAPTIVE;
import static dev.squint.pruner.plan.Method.Budgeting.EITHER;
import static dev.squint.pruner.plan.Method.Budgeting.EXACT;
import static dev.squint.pruner.plan.Method.Faithfulness.BASELINE;
import static dev.squint.pruner.plan.Method.Faithfulness.OUR_READING;
import static dev.squint.pruner.plan.Method.Faithfulness.OWN;

import dev.squint.pruner.CropTokens;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.method.encoder.TextGuided;
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
import java.util.List;
import java.util.Set;

/** Methods that decide which frames and crops are encoded. */
final class MethodsBeforeEncoder {

  // spotless:off
  static final List<Method> FRAMES = List.of(
      frames("even", EXACT, new EvenFrames(), BASELINE,
          "evenly spaced frames"),
      frames("key-frames", EXACT, new KeyFrames(), OWN,
          "the first frame, and those that differ most from the previous one"),
      frames("motion", EXACT, new MotionFrames(0.05), OWN,
          "frames evenly spaced by motion instead of time"),
      frames("skip-static", ADAPTIVE, new SkipStaticFrames(0.01), OWN,
          "the frames that differ from the last kept frame"));

  static final List<Method> TILES = List.of(
      tiles("downsample", ABOUT, new Downsample(), BASELINE, "none",
          "the whole picture at a lower resolution"),
      tiles("thumbnail", EXACT, new ThumbnailTiles(-1), OWN, "none",
          "the crops that the CLS token of the global view attends to most"),
      tiles("text", EXACT, new TextTiles(TextGuided.Guide.WORDS, 0.1), OWN, "none",
          "the crops whose region in the global view matches the question's words"),
      tiles("lrs-tiles", EITHER, new LrsTiles(2, 0.25, LrsTiles.Guide.LAYERS, 1, 1, 0.5),
          OUR_READING, "LRS-VQA, arXiv 2503.07588",
          "the crops of the regions that the decoder's first layers attend to in the global view"),
      tiles("skip-plain", ADAPTIVE, new SkipPlainTiles(0.03), OWN, "none",
          "the crops with more than nearly one colour"));
  // spotless:on

  private MethodsBeforeEncoder() {}

  private static Method frames(
      String name,
      Budgeting budgeting,
      Pruner<FrameTokens> method,
      Faithfulness faithfulness,
      String summary) {
    return new Method(
        name,
        summary,
        new Action.Tokens<>(FrameTokens.class, method),
        Set.of(Point.Kind.FRAMES),
        budgeting,
        "none",
        faithfulness);
  }

  private static Method tiles(
      String name,
      Budgeting budgeting,
      Pruner<CropTokens> method,
      Faithfulness faithfulness,
      String paper,
      String summary) {
    return new Method(
        name,
        summary,
        new Action.Tokens<>(CropTokens.class, method),
        Set.of(Point.Kind.TILES),
        budgeting,
        paper,
        faithfulness);
  }
}
