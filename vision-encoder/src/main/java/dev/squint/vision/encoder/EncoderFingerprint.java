package dev.squint.vision.encoder;

import dev.squint.vision.io.ContentHash;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.graph.GraphRewriter;
import dev.squint.vision.onnx.graph.OnnxModel;
import dev.squint.vision.onnx.proto.StringStringEntryProto;
import dev.squint.vision.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** Names an encoder by its content, so that processes can tell whether they have the same one. */
public final class EncoderFingerprint {

  private EncoderFingerprint() {}

  /**
   * The hash of a graph, of the files with its weights, and of how Squint rewrites graphs.
   *
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   */
  public static String of(Path graph) {
    try {
      ContentHash hash = new ContentHash().with(GraphRewriter.VERSION).with(graph);
      for (String name : weights(OnnxModel.read(graph))) {
        hash.with(name).with(graph.resolveSibling(name));
      }
      return hash.hex();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the weights of " + graph.getFileName(), e);
    }
  }

  /**
   * The same for what an encoder stores: another device rounds in another way.
   *
   * @throws IllegalArgumentException if the file is missing or not an ONNX graph
   */
  public static String of(Path graph, VisionEncoder encoder) {
    // The hash reads all weights, and an encoder elsewhere was asked for by it.
    return stored(
        encoder instanceof RemoteVisionEncoder remote ? remote.fingerprint() : of(graph), encoder);
  }

  /**
   * Names what an encoder stores.
   *
   * @param fingerprint the hash of its graph, as {@link #of(Path)} gives it
   */
  public static String stored(String fingerprint, VisionEncoder encoder) {
    Device.Kind device = encoder.computedOn();
    return device == Device.Kind.CPU ? fingerprint : fingerprint + "-" + device;
  }

  private static Set<String> weights(OnnxModel model) {
    Set<String> names = new TreeSet<>();
    for (TensorProto tensor : model.proto().getGraph().getInitializerList()) {
      for (StringStringEntryProto entry : tensor.getExternalDataList()) {
        if (entry.getKey().equals("location")) {
          names.add(entry.getValue());
        }
      }
    }
    return names;
  }
}
