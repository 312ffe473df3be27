package dev.squint.llm.decoder.batch;

import ai.onnxruntime.OnnxJavaType;
import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.prefix.ProbePrompts;
import dev.squint.llm.decoder.session.DensePrefill;
import dev.squint.llm.decoder.session.DenseSession;
import dev.squint.llm.decoder.session.LayerExits;
import dev.squint.llm.decoder.session.Prefilled;
import dev.squint.llm.decoder.session.SequenceRow;
import dev.squint.llm.decoder.session.StepExecutor;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tests whether sequences of a decoder get the same logits together as alone: two that join, rest
 * and leave. Where one scale is computed for all rows (dynamic quantization), they change each
 * other's rounding. How much is measured on sequences of one length, which nothing else can change;
 * others may differ by twice as much.
 */
final class BatchProbe {

  private static final int[] LENGTHS = {9, 5};
  private static final int STEPS = 3;

  /** Rounding leaves 1e-6 in floats. */
  private static final double SAME = 1e-4;

  private static final double SAME_IN_HALVES = 1e-2;
  private static final double OF_OWN_ROUNDING = 2;

  private final TextEmbeddings embeddings;
  private final List<DecoderStage> stages;
  private final ProbePrompts prompts;

  private BatchProbe(TextEmbeddings embeddings, List<DecoderStage> stages) {
    this.embeddings = embeddings;
    this.stages = stages;
    this.prompts = ProbePrompts.of(embeddings, stages);
  }

  /** Whether the decoder's sequences can decode together, and whether exactly. */
  static BatchTrial.Result of(TextEmbeddings embeddings, List<DecoderStage> stages) {
    List<CacheSlot> slots =
        stages.stream().flatMap(stage -> stage.signature().cache().stream()).toList();
    if (!slots.stream().allMatch(CacheSlot::growsByRows)) {
      return BatchTrial.Result.cannot("the decoder keeps states that are not rows of tokens");
    }
    boolean halves = slots.stream().anyMatch(slot -> slot.type() == OnnxJavaType.FLOAT16);
    double same = halves ? SAME_IN_HALVES : SAME;
    BatchProbe probe = new BatchProbe(embeddings, stages);
    try {
      double apart = probe.apart(LENGTHS, true);
      if (apart <= same) {
        return BatchTrial.Result.EXACT;
      }
      double own = probe.apart(new int[] {LENGTHS[0], LENGTHS[0]}, false);
      return own > same && apart <= OF_OWN_ROUNDING * own
          ? BatchTrial.Result.INEXACT
          : BatchTrial.Result.cannot("the decoder's graph takes sequences of one length only");
    } catch (IllegalStateException | IllegalArgumentException refused) {
      return BatchTrial.Result.cannot("the decoder's graph takes one sequence only");
    }
  }

  /**
   * How far logits together are from those alone, by their length.
   *
   * @param lengths of two prompts
   * @param changing whether sequences join later, rest and leave, and do not all run side by side
   */
  private double apart(int[] lengths, boolean changing) {
    List<PromptEmbeddings> all = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      all.add(prompts.prompt(i, lengths[i]));
    }
    List<List<float[]>> alone = all.stream().map(this::alone).toList();
    try (Together together = new Together()) {
      together.join(all.get(0));
      if (changing) {
        together.step(0);
        together.join(all.get(1));
        together.step(0, 1);
        together.step(1);
        together.step(0);
        together.leave(0);
        together.step(1);
      } else {
        together.join(all.get(1));
        for (int step = 0; step < STEPS; step++) {
          together.step(0, 1);
        }
      }
      return difference(alone, together.logits);
    }
  }

  private Prefilled prefill(PromptEmbeddings prompt) {
    return DensePrefill.plain(stages).run(prompt, StageCaches.empty(stages));
  }

  private static SequenceRow row(Prefilled prefilled) {
    return new SequenceRow(
        prefilled.nextPositions(), prefilled.policies(), new LayerExits(null, 0));
  }

  /** The tokens that follow on each prompt are 1, 2, 3. */
  private List<float[]> alone(PromptEmbeddings prompt) {
    Prefilled prefilled = prefill(prompt);
    List<float[]> logits = new ArrayList<>();
    try (DenseSession session =
        new DenseSession(new StepExecutor(embeddings, stages), row(prefilled), prefilled)) {
      for (long token = 1; token <= STEPS; token++) {
        session.append(token);
        logits.add(session.logits());
      }
    }
    return logits;
  }

  /** The square root of the squares of all differences by those of all values. */
  private static double difference(List<List<float[]>> some, List<List<float[]>> others) {
    double length = 0;
    double apart = 0;
    for (int row = 0; row < some.size(); row++) {
      for (int step = 0; step < STEPS; step++) {
        float[] one = some.get(row).get(step);
        float[] other = others.get(row).get(step);
        for (int i = 0; i < one.length; i++) {
          length += (double) one[i] * one[i];
          apart += Math.pow(one[i] - other[i], 2);
        }
      }
    }
    return apart == 0 ? 0 : Math.sqrt(apart / length);
  }

  /** The sequences in a batch. */
  private final class Together implements AutoCloseable {
    private final RowBatch batch = new RowBatch(embeddings, stages);
    private final List<SequenceRow> rows = new ArrayList<>();
    private final List<List<float[]>> logits = new ArrayList<>();

    void join(PromptEmbeddings prompt) {
      try (Prefilled prefilled = prefill(prompt)) {
        rows.add(row(prefilled));
        logits.add(new ArrayList<>());
        batch.join(rows.get(rows.size() - 1), prefilled);
      }
    }

    void step(int... some) {
      Map<SequenceRow, Long> tokens = new HashMap<>();
      for (int one : some) {
        tokens.put(rows.get(one), logits.get(one).size() + 1L);
      }
      Map<SequenceRow, float[]> after = batch.step(tokens);
      for (int one : some) {
        logits.get(one).add(after.get(rows.get(one)));
      }
    }

    void leave(int one) {
      batch.leave(rows.get(one));
    }

    @Override
    public void close() {
      batch.close();
    }
  }
}
