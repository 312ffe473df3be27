package dev.squint.pruner.plan;

import static dev.squint.pruner.plan.Method.Budgeting.ADAPTIVE;
import static dev.squint.pruner.plan.Method.Budgeting.EITHER;
import static dev.squint.pruner.plan.Method.Budgeting.EXACT;
import static dev.squint.pruner.plan.Method.Faithfulness.AUTHORS_CODE;
import static dev.squint.pruner.plan.Method.Faithfulness.OUR_READING;
import static dev.squint.pruner.plan.Method.Faithfulness.OWN;

import dev.squint.pruner.PatchGroups;
import dev.squint.pruner.Point;
import dev.squint.pruner.Pruner;
import dev.squint.pruner.method.encoder.TextGuided;
import dev.squint.pruner.method.patches.AtpStylePatches;
import dev.squint.pruner.method.patches.CdPrunerPatches;
import dev.squint.pruner.method.patches.Duplicates;
import dev.squint.pruner.method.patches.GlancePatches;
import dev.squint.pruner.method.patches.GlobalCom2Patches;
import dev.squint.pruner.method.patches.HiRedPatches;
import dev.squint.pruner.method.patches.PixelPrune;
import dev.squint.pruner.method.patches.PlainPatches;
import dev.squint.pruner.method.patches.StaticGroups;
import dev.squint.pruner.method.patches.TextPatches;
import dev.squint.pruner.plan.Method.Budgeting;
import dev.squint.pruner.plan.Method.Faithfulness;
import java.util.List;
import java.util.Set;

/** Methods that decide which groups of patches are encoded. */
final class PatchMethods {

  // spotless:off
  static final List<Method> ALL = List.of(
      patches("globalcom2", EXACT, new GlobalCom2Patches(10), OUR_READING,
          "GlobalCom2, arXiv 2501.05179, before the encoder",
          "the groups that the global view attends to, in each crop in proportion to its region"),
      patches("hired", EXACT, new HiRedPatches(), OUR_READING,
          "HiRED, arXiv 2408.10945, before the encoder",
          "the groups that the global view attends to, in each crop in proportion to early attention to its region"),
      patches("text", EXACT, new TextPatches(TextGuided.Guide.WORDS, 0.1), OWN, "none",
          "the groups whose place in the global view matches the question's words"),
      patches("cdpruner", EXACT, new CdPrunerPatches(TextGuided.Guide.WORDS, 2), OUR_READING,
          "CDPruner, arXiv 2506.10967, before the encoder",
          "groups relevant to the question and far from each other"),
      patches("atp-style", ADAPTIVE, new AtpStylePatches(1, 4), OUR_READING,
          "ATP-LLaVA, arXiv 2412.00447, its rule before the encoder, without its trained module",
          "the groups that are attended to and relevant in the global view, and a sparse grid"),
      patches("glance", EXACT, new GlancePatches(0.25, GlancePatches.Guide.ATTENTION), OWN, "none",
          "evenly spaced groups, and those others near which they are attended to or relevant"),
      patches("pixelprune", EITHER, new PixelPrune(0), AUTHORS_CODE,
          "PixelPrune, arXiv 2604.00886",
          "the groups whose pixels their neighbours do not predict"),
      patches("plain", EITHER, new PlainPatches(0.03), OWN, "none",
          "the groups with more than nearly one colour"),
      patches("duplicates", ADAPTIVE, new Duplicates(0), OWN, "none",
          "the groups that show something new"),
      patches("static", EITHER, new StaticGroups(0.02), OWN, "none",
          "the first frame, and the groups whose pixels changed since the previous frame"));
  // spotless:on

  private PatchMethods() {}

  private static Method patches(
      String name,
      Budgeting budgeting,
      Pruner<PatchGroups> method,
      Faithfulness faithfulness,
      String paper,
      String summary) {
    return new Method(
        name,
        summary,
        new Action.Tokens<>(PatchGroups.class, method),
        Set.of(Point.Kind.PATCHES),
        budgeting,
        paper,
        faithfulness);
  }
}
