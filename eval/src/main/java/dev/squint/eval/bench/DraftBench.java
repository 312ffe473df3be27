package dev.squint.eval.bench;

import dev.squint.llm.decoder.PrefillRequest;
import dev.squint.llm.decoder.StagedDecoder;
import dev.squint.llm.decoder.batch.Decoding;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.session.DecodingSession;
import dev.squint.llm.model.ModelPackage;
import dev.squint.vision.onnx.SessionSettings;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Measures what a run of the decoder costs with drafts of the next tokens, whatever they are, and
 * how many of them must be right to save time.
 */
final class DraftBench {

  private static final List<Integer> DRAFTS = List.of(0, 1, 3, 7, 15);
  private static final int RUNS = 8;

  private DraftBench() {}

  /** Compares runs with drafts to those of one token; all drafts are dropped after the run. */
  static Section measure(ModelPackage model, int tokens, int rounds, SessionSettings settings) {
    Section section =
        new Section(
            "drafts",
            "A prompt of %d random embeddings, then %d runs of the decoder on one token and its drafts, all of which are dropped; %d rounds; processor milliseconds a run."
                .formatted(tokens, RUNS, rounds));
    try (StagedDecoder decoder = Decoders.whole(model, settings)) {
      decoder
          .draftObstacle()
          .ifPresent(
              obstacle -> {
                throw new IllegalArgumentException("no tokens can be drafted: " + obstacle);
              });
      PromptEmbeddings prompt = Decoders.prompt(tokens, decoder.hiddenSize());
      List<Supplier<double[]>> runs =
          DRAFTS.stream().map(drafts -> run(decoder, prompt, drafts)).toList();
      Rounds measured = Rounds.interleaved(rounds, runs);
      for (int i = 0; i < DRAFTS.size(); i++) {
        int drafts = DRAFTS.get(i);
        double ratio = measured.ratio(i, 0, 0);
        section.row(
            "drafts",
            drafts,
            "a run",
            measured.median(i, 0),
            "ratio to one token",
            ratio,
            "accepted drafts a run at which it pays",
            drafts == 0 ? 0.0 : ratio - 1,
            "times faster if all are accepted",
            (drafts + 1) / ratio);
      }
    }
    return section;
  }

  private static Supplier<double[]> run(
      StagedDecoder decoder, PromptEmbeddings prompt, int drafts) {
    long[] guessed = new long[drafts];
    Arrays.fill(guessed, 2);
    return () -> {
      PrefillRequest request = PrefillRequest.of(prompt).withDecoding(Decoding.DRAFTED);
      try (DecodingSession session = decoder.prefill(request)) {
        session.append(1, guessed);
        Clock start = Clock.now();
        for (int i = 0; i < RUNS; i++) {
          // Another token than the drafts, so that they are dropped.
          session.append(1, guessed);
        }
        return new double[] {start.since().processorMillis() / RUNS};
      }
    };
  }
}
