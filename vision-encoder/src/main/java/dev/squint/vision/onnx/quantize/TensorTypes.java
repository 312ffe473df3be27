package dev.squint.vision.onnx.quantize;

/** ONNX's numbers of element types. */
final class TensorTypes {

  static final int FLOAT = 1;
  static final int UINT8 = 2;
  static final int INT8 = 3;

  private TensorTypes() {}
}
