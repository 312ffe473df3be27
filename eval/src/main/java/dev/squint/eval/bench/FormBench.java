package dev.squint.eval.bench;

import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Compares the precision variants of one package: encoding a tile, prefill and decoding. */
final class FormBench {

  private static final PruningPlan ONE_TILE = PruningPlan.parse("tiles:text(crops=0)");
  private static final int EDGE = 256;
  private static final int SEED = 2000;

  private FormBench() {}

  /**
   * Compares forms with the first one; all of them are loaded at the same time.
   *
   * @param tokens length of the random prompt
   */
  static Section measure(
      Path folder, LoadOptions options, List<Variants> forms, int tokens, int rounds) {
    List<VisionLanguageModel> loaded = new ArrayList<>();
    try {
      List<Supplier<double[]>> runs = new ArrayList<>();
      for (Variants form : forms) {
        VisionLanguageModel model = VisionLanguageModel.load(folder, options.withVariants(form));
        loaded.add(model);
        PromptEmbeddings prompt = Decoders.prompt(tokens, model.decoder().hiddenSize());
        int[] seed = {SEED};
        runs.add(() -> run(model, prompt, seed[0]++));
      }
      Rounds measured = Rounds.interleaved(rounds, runs);
      Section section =
          new Section(
              "forms",
              "One new tile, and a prompt of %d random embeddings with 8 tokens after it; %d rounds, in each of which the forms take turns; wall-clock and processor milliseconds. Ratios are of processor time to the first form."
                  .formatted(tokens, rounds));
      for (int i = 0; i < forms.size(); i++) {
        section.row(
            "form", name(forms.get(i)),
            "encode a tile", measured.median(i, 0),
            "processors", measured.median(i, 1),
            "ratio", measured.ratio(i, 0, 1),
            "prefill", measured.median(i, 2),
            "prefill, processors", measured.median(i, 3),
            "ratio of prefill", measured.ratio(i, 0, 3),
            "decode a token", measured.median(i, 4),
            "decode, processors", measured.median(i, 5),
            "ratio of decode", measured.ratio(i, 0, 5));
      }
      return section;
    } finally {
      loaded.forEach(VisionLanguageModel::close);
    }
  }

  private static String name(Variants form) {
    return form.equals(Variants.ANY) ? "as the package says" : form.toString();
  }

  private static double[] run(VisionLanguageModel model, PromptEmbeddings prompt, int seed) {
    Phases tile = Phases.ask(model, PictureBench.picture(EDGE, seed), ONE_TILE);
    double[] decoder = Decoders.run(model.decoder(), prompt, StageInput::everything);
    return new double[] {
      tile.answer().timings().encodeMillis(),
      tile.encode(),
      decoder[0],
      decoder[2],
      decoder[1],
      decoder[3]
    };
  }
}
