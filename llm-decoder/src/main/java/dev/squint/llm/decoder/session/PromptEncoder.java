package dev.squint.llm.decoder.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TextEmbeddings;
import dev.squint.llm.decoder.policy.CachePolicies;
import dev.squint.llm.decoder.policy.CachePolicyRunner;
import dev.squint.llm.decoder.stage.DecoderStage;
import dev.squint.llm.decoder.stage.StageCaches;
import dev.squint.llm.decoder.stage.StageRun;
import dev.squint.vision.onnx.OnnxSession;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The encoder of an encoder-decoder (BART, arXiv 1910.13461; Florence-2): reads the whole prompt,
 * [1, S, D]; the decoder attends to what it gives in every step. Immutable and thread-safe.
 */
public final class PromptEncoder implements AutoCloseable {

  private static final String EMBEDDINGS = "inputs_embeds";
  private static final String MASK = "attention_mask";
  private static final String OUTPUT = "last_hidden_state";

  private final OnnxSession graph;
  private final long start;

  /**
   * Takes ownership of a graph.
   *
   * @param start id of the token with which the decoder begins every answer
   * @throws IllegalArgumentException if the graph takes or returns something else; the message
   *     lists it
   */
  public PromptEncoder(OnnxSession graph, long start) {
    this.graph = graph;
    this.start = start;
    graph.requireInputsAmong(Set.of(EMBEDDINGS, MASK));
    if (!graph.inputs().containsKey(EMBEDDINGS) || !graph.outputs().containsKey(OUTPUT)) {
      throw new IllegalArgumentException(
          "%s takes %s and returns %s; Squint needs a graph from '%s' to '%s'"
              .formatted(
                  graph.name(),
                  graph.inputs().keySet(),
                  graph.outputs().keySet(),
                  EMBEDDINGS,
                  OUTPUT));
    }
  }

  /** The token with which the decoder begins every answer. */
  public long start() {
    return start;
  }

  /**
   * Runs a prompt through the encoder and the first token through the decoder.
   *
   * @param stages the decoder, one stage
   * @return one sequence's caches, to be closed by the caller
   */
  public DecodingSession session(
      PromptEmbeddings prompt, TextEmbeddings embeddings, List<DecoderStage> stages) {
    StepExecutor steps = new StepExecutor(embeddings, stages);
    SequenceRow row = row();
    return new DenseSession(steps, row, prefilled(prompt, steps, row, stages));
  }

  /** A sequence without policies, of which every token runs through the whole decoder. */
  private static SequenceRow row() {
    return new SequenceRow(new long[1], policies(), LayerExits.none());
  }

  private static CachePolicyRunner policies() {
    return CachePolicies.none().runner(List.of());
  }

  private Prefilled prefilled(
      PromptEmbeddings prompt, StepExecutor steps, SequenceRow row, List<DecoderStage> stages) {
    StageCaches caches = StageCaches.empty(stages);
    try {
      stages.get(0).readEncoder(caches.get(0), encode(prompt), OUTPUT);
      float[] logits = steps.step(List.of(row), new long[] {start}, caches).get(0);
      StageRun run = new StageRun(0, stages.get(0).endLayer(), prompt.tokens());
      return new Prefilled(
          caches, new long[] {1}, logits, new PrefillReport(List.of(run), 0, 0, 0), policies());
    } catch (RuntimeException e) {
      caches.close();
      throw e;
    }
  }

  private OrtSession.Result encode(PromptEmbeddings prompt) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      inputs.put(
          EMBEDDINGS,
          graph.floats(EMBEDDINGS, prompt.values().duplicate(), 1, prompt.tokens(), prompt.size()));
      if (graph.inputs().containsKey(MASK)) {
        inputs.put(MASK, graph.ones(MASK, 1, prompt.tokens()));
      }
      return graph.run(inputs, Set.of(OUTPUT));
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  @Override
  public void close() {
    graph.close();
  }
}
