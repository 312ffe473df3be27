package dev.squint.vision.onnx.graph;

/**
 * Which half of a model a graph is, with the names that Hugging Face exports give its ends.
 *
 * <p>Later stages of a decoder take their hidden states by the name of the embeddings, so that the
 * same code feeds every stage.
 */
public enum GraphKind {
  /** {@code inputs_embeds} and a cache to {@code logits} and a cache. */
  DECODER("inputs_embeds", "logits", "inputs_embeds", "hidden_states"),
  /** {@code pixel_values} to {@code image_features}. */
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

  /** The input where the whole graph begins. */
  public String source() {
    return source;
  }

  /** The output where the whole graph ends. */
  public String result() {
    return result;
  }

  /** The input of hidden states of a later stage, [B, S, D]. */
  public String stageInput() {
    return stageInput;
  }

  /** The output of hidden states of a stage that is not the last, [B, S, D]. */
  public String stageOutput() {
    return stageOutput;
  }
}
