package dev.squint.vision.onnx.quantize;

import dev.squint.vision.onnx.proto.AttributeProto;
import dev.squint.vision.onnx.proto.NodeProto;

/** Reads and makes attributes of nodes. */
final class Attributes {

  private Attributes() {}

  static long integer(NodeProto node, String name, long absent) {
    for (AttributeProto each : node.getAttributeList()) {
      if (each.getName().equals(name)) {
        return each.getI();
      }
    }
    return absent;
  }

  static float real(NodeProto node, String name, float absent) {
    for (AttributeProto each : node.getAttributeList()) {
      if (each.getName().equals(name)) {
        return each.getF();
      }
    }
    return absent;
  }

  static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setI(value)
        .setType(AttributeProto.AttributeType.INT)
        .build();
  }
}
