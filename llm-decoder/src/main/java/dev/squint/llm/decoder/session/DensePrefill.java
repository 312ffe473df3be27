package dev.squint.llm.decoder.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.cache.StageCache;
import dev.squint.llm.decoder.input.NewTokens;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.Tensors;
import dev.squint.llm.decoder.input.TokenExtras;
import dev.squint.llm.decoder.policy.CachePolicies;
import dev.squint.llm.decoder.policy.CachePolicyRunner;
import dev.squint.llm.decoder.policy.ObservedStage;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.decoder.stage.StageEnd;
import dev.squint.llm.decoder.stage.StageHook;
import dev.squint.llm.decoder.stage.StageInput;
import dev.squint.llm.decoder.stage.StageRun;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the prompt of one sequence through all stages; a hook decides between two which tokens the
 * next one runs on. Used for one prompt.
 */
public final class DensePrefill implements PromptRun {

  private final List<DecoderStage> stages;
  private final StageHook hook;
  private final CachePolicies policies;
  private final LayerExits exits;
  private final List<StageRun> runs = new ArrayList<>();
  private final List<ObservedStage> observed = new ArrayList<>();
  private final long[] nextPositions;

  /**
   * Prepares for one prompt.
   *
   * @param hook decides between two stages
   * @param policies applied after the last stage
   * @param exits which stages the prompt runs through
   */
  public DensePrefill(
      List<DecoderStage> stages, StageHook hook, CachePolicies policies, LayerExits exits) {
    this.stages = stages;
    this.hook = hook;
    this.policies = policies;
    this.exits = exits;
    this.nextPositions = new long[stages.size()];
  }

  /** Runs all tokens through all stages, and changes nothing. */
  public static DensePrefill plain(List<DecoderStage> stages) {
    return new DensePrefill(stages, StageHook.NONE, CachePolicies.none(), LayerExits.none());
  }

  @Override
  public Prefilled run(PromptEmbeddings prompt, StageCaches caches) {
    try {
      float[] logits = runAll(prompt, caches);
      CachePolicyRunner runner = policies.runner(observed);
      double operations =
          observed.stream().mapToDouble(ObservedStage::operations).sum() + apply(runner, caches);
      PrefillReport report = new PrefillReport(StageRun.joined(runs), 0, 0, operations);
      return new Prefilled(caches, nextPositions.clone(), logits, report, runner);
    } catch (RuntimeException e) {
      caches.close();
      throw e;
    }
  }

  private float[] runAll(PromptEmbeddings prompt, StageCaches caches) {
    Input input = Input.of(prompt, IntStream.range(0, prompt.tokens()).toArray());
    Pass pass = pass(prompt, input, caches);
    while (pass.restart != null) {
      caches.restart();
      pass = pass(pass.restart, Input.of(pass.restart, pass.tokens), caches);
    }
    return pass.logits;
  }

  private double apply(CachePolicyRunner runner, StageCaches caches) {
    double operations = 0;
    for (int i = 0; i < stages.size() && !runner.doesNothing(); i++) {
      if (exits.run(stages.get(i), LayerExits.PROMPT)) {
        operations += runner.afterPrefill(stages.get(i), caches.get(i));
        caches.get(i).settle();
      }
    }
    return operations;
  }

  /** Runs the stages once, until the last has run or the hook requests a restart. */
  private Pass pass(PromptEmbeddings prompt, Input first, StageCaches caches) {
    Input input = first;
    try (OnnxTensor embedded = stages.get(0).hidden(prompt)) {
      @Nullable OnnxTensor fewer = null;
      OnnxTensor hidden = embedded;
      for (int i = 0; i < stages.size(); i++) {
        if (!exits.run(stages.get(i), LayerExits.PROMPT)) {
          continue;
        }
        StageEnd end;
        try {
          end = run(i, hidden, input, caches.get(i));
        } finally {
          close(fewer);
          fewer = null;
        }
        hidden = end.output();
        if (i + 1 < stages.size()) {
          StageInput next = hook.between(end);
          input = input.next(next);
          if (next.restart() != null) {
            return new Pass(new float[0], next.restart(), input.tokens);
          }
          fewer = end.next(next);
          hidden = fewer == null ? hidden : fewer;
        }
      }
      return new Pass(Tensors.lastLogits(hidden).get(0), null, input.tokens);
    }
  }

  private StageEnd run(int number, OnnxTensor hidden, Input input, StageCache cache) {
    DecoderStage stage = stages.get(number);
    int count = input.positions.tokens();
    int[] queries = union(hook.queries(stage.endLayer(), count), policies.queries(count));
    OrtSession.Result result =
        stage.run(hidden, NewTokens.of(input.positions, input.extras), queries, cache);
    runs.add(new StageRun(stage.firstLayer(), stage.endLayer(), cache.length(0)));
    nextPositions[number] = input.nextPosition;
    StageEnd end = new StageEnd(stage, result, queries, input.positions, input.nextPosition);
    observed.add(policies.observe(end, stage.firstLayer(), input.tokens));
    return end;
  }

  private static int[] union(int[] some, int[] others) {
    return IntStream.concat(IntStream.of(some), IntStream.of(others)).sorted().distinct().toArray();
  }

  private static void close(@Nullable OnnxTensor tensor) {
    if (tensor != null) {
      tensor.close();
    }
  }

  /**
   * Inputs of a stage in addition to hidden states.
   *
   * @param tokens indices in the prompt, [S']
   */
  private record Input(PositionIds positions, TokenExtras extras, long nextPosition, int[] tokens) {

    static Input of(PromptEmbeddings prompt, int[] tokens) {
      return new Input(prompt.positions(), prompt.extras(), prompt.nextPosition(), tokens);
    }

    Input next(StageInput next) {
      return new Input(
          next.positions(),
          extras.of(next.rows()),
          next.nextPosition(),
          IntStream.of(next.rows()).map(row -> tokens[row]).toArray());
    }
  }

  /**
   * How the stages ended.
   *
   * @param logits of the next token, [V]; none before a restart
   * @param restart the prompt to restart with; null when all stages have run
   * @param tokens indices in the whole prompt of the tokens that are left
   */
  private record Pass(float[] logits, @Nullable PromptEmbeddings restart, int[] tokens) {}
}
