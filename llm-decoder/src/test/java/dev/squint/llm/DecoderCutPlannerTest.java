package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.squint.llm.decoder.evidence.CacheEvidence;
import dev.squint.llm.decoder.evidence.LayerEvidence;
import dev.squint.pruner.Point;
import dev.squint.pruner.evidence.GlanceAttention;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.graph.CutPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where plans cut a decoder of four layers; its graph is read, but not opened. */
class DecoderCutPlannerTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final Path GRAPH = PACKAGES.resolve("llava/onnx/decoder_model_merged.onnx");

  private static DecoderCutPlanner planner(String cuts) {
    return new DecoderCutPlanner(GRAPH, Cuts.parse(cuts));
  }

  private static void refuses(String cuts, String plan, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> planner(cuts).check(PruningPlan.parse(plan), true))
        .withMessageContaining(message);
  }

  @Test
  void fixedCuts_endStagesAfterTheLayerBefore() {
    assertThat(planner("auto").layerCount()).isEqualTo(4);
    assertThat(planner("auto").fixed()).isEqualTo(CutPlan.after());
    assertThat(planner("none").fixed()).isEqualTo(CutPlan.after());
    assertThat(planner("1,3").fixed()).isEqualTo(CutPlan.after(0, 2));
    assertThat(planner("every").fixed()).isEqualTo(CutPlan.after(0, 1, 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "none | ''",
        "encoder:random(keep=0.5) | ''",
        "layer3:random(keep=0.5) | 3",
        "layer1:fastv(keep=0.5) + layer3:fastv(keep=0.2) | 1,3",
        // ZipVL keeps another number of rows in every layer, MustDrop from the third on.
        "cache:zipvl | 1,2,3",
        "cache:mustdrop-cache | 2",
        "cache:h2o(keep=0.5) | ''",
        // All four layers, then the first and the last alone: the second and third are left out.
        "decoder:skipdecode(bottom=1, most=1.0, fewest=0.5, answer=2) | 1,3",
        "encoder:deepstack(groups=2, start=1, interval=1) | 1,2",
        "tiles:lrs-tiles(layers=2, keep=0.5) | 2",
        "decoder:yopo(from=0.5, window=0) | 2"
      })
  void pointsAtWhichPlansCut(String plan, String layers) {
    DecoderCutPlanner planner = planner("auto");
    PruningPlan given = PruningPlan.parse(plan);

    assertThat(
            new TreeSet<>(planner.cutPoints(planner.spread(given)))
                .stream().map(point -> "" + point.layers()).collect(Collectors.joining(",")))
        .isEqualTo(layers);
    planner.check(given, false);
    // A stage ends after the layer before, and those that were cut before stay.
    Set<Integer> cut = new TreeSet<>(Set.of(0));
    for (String layer : layers.isEmpty() ? new String[0] : layers.split(",", -1)) {
      cut.add(Integer.parseInt(layer) - 1);
    }
    assertThat(planner.with(CutPlan.after(0), given).cutAfter()).containsExactlyElementsOf(cut);
  }

  @Test
  void schedulesAreSpreadOverTheLayers() {
    PruningPlan plain = PruningPlan.parse("layer1:fastv(keep=0.5)");

    assertThat(planner("auto").spread(plain)).isSameAs(plain);
    assertThat(planner("auto").spread(PruningPlan.parse("decoder:yopo(from=0.5)")).points())
        .containsExactly(Point.decoder(2));
  }

  @Test
  void tapsAreThoseOfTheEvidenceThatIsRead() {
    DecoderCutPlanner planner = planner("auto");
    PruningPlan layer = PruningPlan.parse("layer2:fastv(keep=0.5)");
    PruningPlan cache = PruningPlan.parse("cache:h2o(keep=0.5)");
    PruningPlan glance = PruningPlan.parse("tiles:lrs-tiles(layers=2, keep=0.5)");
    CutPlan one = planner.with(CutPlan.after(), layer);

    assertThat(one.taps())
        .isNotEmpty()
        .isEqualTo(LayerEvidence.taps(layer.needs(Point.decoder(2)), 2));
    assertThat(planner.with(CutPlan.after(), cache).taps())
        .isNotEmpty()
        .isEqualTo(CacheEvidence.taps(cache.needs(Point.CACHE), 4));
    assertThat(DecoderCutPlanner.glances(glance)).containsExactly(new GlanceAttention(2));
    assertThat(planner.with(CutPlan.after(), glance).taps())
        .isNotEmpty()
        .isEqualTo(LayerEvidence.glanceTaps(2));
    assertThat(planner.with(one, cache).taps()).containsAll(one.taps()).hasSizeGreaterThan(1);
    assertThat(planner.with(CutPlan.after(), PruningPlan.parse("encoder:random(keep=0.5)")).taps())
        .isEmpty();
  }

  @Test
  void pairsAreTakenForNeighbours_andStay() {
    DecoderCutPlanner planner = planner("auto");
    PruningPlan neighbours = PruningPlan.parse("decoder:yopo(from=0.5, window=5)");
    PruningPlan other = PruningPlan.parse("decoder:yopo(from=0.5, window=0)");

    planner.check(neighbours, true);
    assertThat(planner.with(CutPlan.after(), neighbours).pairs()).isTrue();
    assertThat(planner.with(CutPlan.after(), other).pairs()).isFalse();
    assertThat(planner.with(CutPlan.after().withPairs(true), other).pairs()).isTrue();
    assertThat(DecoderCutPlanner.with(CutPlan.after().withPairs(true), List.of(2), Set.of()))
        .isEqualTo(CutPlan.after(1).withPairs(true));
    refuses(
        "auto",
        "decoder:yopo(from=0.5, window=5) + cache:h2o(keep=0.5)",
        "changes the attention that methods on the cache read");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "layer1:fastv(keep=0.5)",
        "encoder:deepstack",
        "decoder:skipdecode",
        "decoder:yopo",
        "cache:h2o(keep=0.5)"
      })
  void layersDiffer_whereAnythingIsDroppedInside(String plan) {
    assertThat(DecoderCutPlanner.dropsInside(PruningPlan.parse(plan))).isTrue();
    assertThat(DecoderCutPlanner.dropsInside(PruningPlan.parse("encoder:random(keep=0.5)")))
        .isFalse();
  }

  @Test
  void pointsThatCannotBeCut_areRefused() {
    refuses(
        "auto", "layer4:fastv(keep=0.5)", "a plan can act at layer1 to layer3, not at 'layer4'");
    refuses("1,3", "layer2:fastv(keep=0.5)", "the decoder is cut at '1,3', not at 'layer2'");
    refuses("none", "layer2:fastv(keep=0.5)", "the decoder is cut at 'none'");
    // Three of four layers for the prompt: the first and the last two; the second is left out.
    String skips = " + decoder:skipdecode(bottom=1, most=0.75, fewest=0.5)";
    refuses("auto", "layer1:random(keep=0.5)" + skips, "skips layers 1 to 1");
    refuses("auto", "layer2:random(keep=0.5)" + skips, "nothing can act at 'layer2'");
    planner("auto").check(PruningPlan.parse("layer3:random(keep=0.5)" + skips), true);
    // With all layers for the prompt there is nothing between bottom and top.
    planner("auto")
        .check(
            PruningPlan.parse(
                "layer1:random(keep=0.5) + decoder:skipdecode(bottom=1, most=1.0, fewest=0.5)"),
            true);
  }

  @Test
  void aGraphWithoutLayersToCut_isRefusedForPlansInside() {
    Path encoder = PACKAGES.resolve("llava/onnx/embed_tokens.onnx");
    DecoderCutPlanner planner = new DecoderCutPlanner(encoder, Cuts.AUTO);

    assertThat(planner.fixed()).isEqualTo(CutPlan.after());
    assertThatIllegalArgumentException()
        .isThrownBy(planner::layerCount)
        .withMessageStartingWith("the decoder cannot be cut between its layers");
    planner.check(PruningPlan.parse("encoder:random(keep=0.5)"), false);
  }

  @Test
  void aGraphThatCannotBeGivenPositions_isRefused() {
    Path table = PACKAGES.resolve("llava/onnx/embed_tokens.onnx");

    PositionCheck.require(GRAPH);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PositionCheck.require(table))
        .withMessageStartingWith("the decoder's graph has no input position_ids");
  }
}
