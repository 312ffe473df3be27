package dev.squint.vision.onnx.quantize;

import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.Nodes;
import dev.squint.vision.onnx.graph.OnnxModel;
import dev.squint.vision.onnx.proto.NodeProto;
import java.nio.file.Path;
import java.util.Optional;

/** How the weights of a graph are stored and multiplied. */
public enum QuantizedForm {
  /**
   * 8 bits, one scale per column, activations rounded to 8 bits while running ({@code
   * DynamicQuantizeLinear}, {@code MatMulInteger}).
   */
  DYNAMIC_8("q8", 8, 0),

  /** 8 bits, one scale for each block of 32 inputs ({@code MatMulNBits}). */
  BLOCK_8("q8block", 8, 32),

  /** 4 bits, one scale for each block of 32 inputs ({@code MatMulNBits}). */
  BLOCK_4("q4", 4, 32);

  private final String variant;
  private final int bits;
  private final int blockSize;

  QuantizedForm(String variant, int bits, int blockSize) {
    this.variant = variant;
    this.bits = bits;
    this.blockSize = blockSize;
  }

  /** The name of the variant of a package that has this form. */
  public String variant() {
    return variant;
  }

  /** Bits of a stored weight. */
  int bits() {
    return bits;
  }

  /** Number of weights that share a scale; 0 if a column shares one. */
  int blockSize() {
    return blockSize;
  }

  /**
   * The form of this variant.
   *
   * @throws IllegalArgumentException if there is none; the message lists what there is
   */
  public static QuantizedForm of(String variant) {
    for (QuantizedForm form : values()) {
      if (form.variant.equals(variant)) {
        return form;
      }
    }
    throw new IllegalArgumentException(
        "no weights can be written as '%s'; use %s, %s or %s"
            .formatted(variant, DYNAMIC_8.variant, BLOCK_8.variant, BLOCK_4.variant));
  }

  /**
   * The form of the products of a graph; empty if they are of 16-bit or 32-bit floats.
   *
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   */
  public static Optional<QuantizedForm> ofGraph(Path graph) {
    for (NodeProto node : OnnxModel.read(graph).proto().getGraph().getNodeList()) {
      if (node.getOpType().equals("MatMulNBits")) {
        return Optional.of(Nodes.integer(node, "bits", BLOCK_4.bits) > 4 ? BLOCK_8 : BLOCK_4);
      }
    }
    return GraphRewriter.quantisesWhileRunning(graph) ? Optional.of(DYNAMIC_8) : Optional.empty();
  }
}
