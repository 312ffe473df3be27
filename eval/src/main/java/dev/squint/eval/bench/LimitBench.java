package dev.squint.eval.bench;

import dev.squint.eval.cost.DecoderShape;
import dev.squint.eval.cost.ModelCost;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.llm.model.Session;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.quantize.QuantizedForm;
import dev.squint.vision.tile.TiledImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Compares the speed of a model with what the machine can do at most. */
final class LimitBench {

  private final VisionLanguageModel model;
  private final LoadOptions options;
  private final MatrixChain chain;
  private final long leastBytes;

  /**
   * Measures this model.
   *
   * @param options with which it was loaded
   * @param chain products whose speed is the limit
   * @param leastBytes bytes of weights that are read for one row at least
   */
  LimitBench(VisionLanguageModel model, LoadOptions options, MatrixChain chain, long leastBytes) {
    this.model = model;
    this.options = options;
    this.chain = chain;
    this.leastBytes = leastBytes;
  }

  /**
   * Measures the machine and the model in turn.
   *
   * @param tokens length of the prompt
   * @param out the output file; graphs of some 200 MB lie beside it until they are measured
   */
  Section measure(int tokens, int rounds, Path out) {
    ModelCost cost = ModelCost.of(model).orElse(null);
    if (cost == null) {
      return new Section("limits", "Not measured: the sizes of the model's layers are unknown.");
    }
    Section section =
        new Section(
            "limits",
            "Limit: a graph of products of %d x %d matrices and nothing else, in the form of the model's weights and with its threads; operations for %d rows, bytes of weights for one row. The model: one tile, a prompt of %d random embeddings, and a token after it, which reads all weights and the cache once. %d rounds; wall-clock milliseconds."
                .formatted(chain.side(), chain.side(), MachineLimit.ROWS, tokens, rounds));
    Path folder = LoadBench.temporary(out);
    Optional<QuantizedForm> encoderForm = form(Session.VISION_ENCODER);
    Optional<QuantizedForm> decoderForm = form(Session.DECODER);
    try (MachineLimit encoder = limit(folder, encoderForm, Session.VISION_ENCODER);
        MachineLimit decoder = limit(folder, decoderForm, Session.DECODER)) {
      PromptEmbeddings prompt = Decoders.prompt(tokens, model.decoder().hiddenSize());
      int[] seed = {5000};
      Rounds measured =
          Rounds.interleaved(
              rounds,
              List.<Supplier<double[]>>of(
                  () -> new double[] {encoder.gigaflops()},
                  () -> new double[] {encode(seed[0]++)},
                  () -> new double[] {decoder.gigaflops(), decoder.gigabytes()},
                  () -> Decoders.run(model.decoder(), prompt, StageInput::everything)));
      int tokensOfTile = cost.encoder().patches() / cost.encoder().patchesPerToken();
      add(
          section,
          "encode a tile, " + name(encoderForm),
          tokensOfTile * cost.encoder().perToken() / 1e9,
          measured.median(1, 0),
          measured.median(0, 0),
          "GFLOP");
      add(
          section,
          "prefill, " + name(decoderForm),
          cost.ofDecoder().prefill(tokens).grouped() / 1e9,
          measured.median(3, 0),
          measured.median(2, 0),
          "GFLOP");
      long weights = MachineLimit.bytes(model.model().graph(Session.DECODER));
      add(
          section,
          "decode a token, " + name(decoderForm),
          (weights + cacheBytes(cost.decoder(), tokens)) / 1e9,
          measured.median(3, 1),
          measured.median(2, 1),
          "GB");
    } finally {
      LoadBench.delete(folder);
    }
    return section;
  }

  private MachineLimit limit(Path folder, Optional<QuantizedForm> form, Session session) {
    return MachineLimit.open(folder, chain, form, leastBytes, options.settings(session));
  }

  private static void add(
      Section section, String phase, double amount, double millis, double limit, String unit) {
    double reached = amount / (millis / 1e3);
    section.row(
        "phase", phase,
        "unit", unit,
        "amount", amount,
        "milliseconds", millis,
        "a second", reached,
        "limit a second", limit,
        "share of the limit", reached / limit);
  }

  /** Keys and values of 32-bit floats. */
  private static long cacheBytes(DecoderShape shape, int tokens) {
    return 2L * shape.layers() * shape.kvHeads() * shape.headSize() * tokens * Float.BYTES;
  }

  private double encode(int seed) {
    TiledImage picture =
        model.tiles(List.of(PictureBench.picture(256, seed)), PruningPlan.none()).get(0).only(0);
    Clock start = Clock.now();
    model.encoder().encode(List.of(picture), Set.of());
    return start.since().millis();
  }

  private Optional<QuantizedForm> form(Session session) {
    return QuantizedForm.ofGraph(model.model().graph(session));
  }

  private static String name(Optional<QuantizedForm> form) {
    return form.map(QuantizedForm::variant).orElse("fp32");
  }
}
