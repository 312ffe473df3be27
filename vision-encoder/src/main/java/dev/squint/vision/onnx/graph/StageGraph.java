package dev.squint.vision.onnx.graph;

import java.util.List;

/**
 * A stage: consecutive layers as a separate graph.
 *
 * @param file its graph
 * @param firstLayer the first layer in it, from 0
 * @param endLayer the layer after its last
 * @param hiddenInput the input of embeddings or hidden states; of pixels in the first stage of a
 *     vision encoder
 * @param output the output of hidden states, logits or image features
 * @param taps the added outputs in it
 * @param rowwise whether each row of its result depends on the same row of its input alone, as far
 *     as its operators show
 */
public record StageGraph(
    String file,
    int firstLayer,
    int endLayer,
    String hiddenInput,
    String output,
    List<Tap> taps,
    boolean rowwise) {

  /** Copies the list. */
  public StageGraph {
    taps = List.copyOf(taps);
  }

  StageGraph at(String name) {
    return new StageGraph(name, firstLayer, endLayer, hiddenInput, output, taps, rowwise);
  }
}
