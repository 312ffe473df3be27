package dev.squint.eval.bench;

import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.llm.model.ModelPackage;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.SessionSettings;
import java.util.List;

/**
 * A decoder setting that must be measured in a separate process because it changes memory or
 * threads.
 *
 * @param stages number of stages; 0 for one stage per layer
 * @param settings threads and weights
 */
public record Setting(int stages, SessionSettings settings) {

  /**
   * Opens and runs the decoder with this setting. The process must not have used ONNX Runtime
   * before.
   *
   * @return wall-clock milliseconds of prefill and decode step, both again as processor
   *     milliseconds, and the megabytes of private and of mapped memory that the decoder added
   */
  public double[] run(ModelPackage model, int tokens, int rounds) {
    if (!settings.ownThreads()) {
      OnnxRuntime.startWithPool(settings);
    }
    int layers = Decoders.layers(model);
    OnnxRuntime.environment();
    Memory before = Memory.now();
    try (StagedDecoder decoder =
        stages == 1
            ? Decoders.whole(model, settings)
            : Decoders.cut(model, Decoders.even(layers, stages == 0 ? layers : stages), settings)) {
      PromptEmbeddings prompt = Decoders.prompt(tokens, decoder.hiddenSize());
      Rounds measured =
          Rounds.interleaved(
              rounds, List.of(() -> Decoders.run(decoder, prompt, StageInput::everything)));
      Memory taken = Memory.now().since(before);
      return new double[] {
        measured.median(0, 0),
        measured.median(0, 1),
        measured.median(0, 2),
        measured.median(0, 3),
        taken.anonymousMegabytes(),
        taken.fileMegabytes()
      };
    }
  }
}
