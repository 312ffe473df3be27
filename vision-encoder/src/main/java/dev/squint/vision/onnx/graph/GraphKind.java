package dev.squint.vision.onnx.graph;

/**
 * The part of a model that a graph contains, with the names of its first input and last output in
 * Hugging Face exports.
 *
 * <p>Later stages of a decoder also call their hidden-state input by the name of the embeddings, so
 * that the same code feeds every stage.
 */
public enum GraphKind {
  /** Maps {@code inputs_embeds} and a KV cache to {@code logits} and a KV cache. */
  DECODER("inputs_embeds", "logits", "inputs_embeds", "hidden_states"),
  /** Maps {@code pixel_values} to {@code image_features}. */
  VISION_ENCODER("pixel_values", "image_features", "hidden_states", "next_hidden_states");

  private final String source;
  private final String result;
  private final String stageInput;
  private final String stageOutput;

  GraphKind(String source, String result, String stageInput, String stageOutput) {
    this.source = source;
    this.result = result;
    this.stageInput = stageInput;
    this.stageOutput = stageOutput;
  }

  /** The first input of the whole graph. */
  public String source() {
    return source;
  }

  /** The last output of the whole graph. */
  public String result() {
    return result;
  }

  /** The hidden-state input of a later stage, [B, S, D]. */
  public String stageInput() {
    return stageInput;
  }

  /** The hidden-state output of a stage before the last, [B, S, D]. */
  public String stageOutput() {
    return stageOutput;
  }
}
