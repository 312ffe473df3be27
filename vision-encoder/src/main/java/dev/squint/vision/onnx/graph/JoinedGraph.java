package dev.squint.vision.onnx.graph;

import dev.squint.vision.onnx.proto.GraphProto;
import dev.squint.vision.onnx.proto.ModelProto;
import dev.squint.vision.onnx.proto.NodeProto;
import dev.squint.vision.onnx.proto.OperatorSetIdProto;
import dev.squint.vision.onnx.proto.ValueInfoProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Two graphs as one: the second takes what the first returns under the same name. */
final class JoinedGraph {

  private JoinedGraph() {}

  /**
   * Joins two graphs.
   *
   * @throws IllegalArgumentException if the second takes something that the first neither takes nor
   *     returns, or they use other versions of the operators
   */
  static ModelProto of(OnnxModel first, OnnxModel second) {
    GraphProto start = first.graph();
    GraphProto end = second.graph();
    Set<String> taken = names(end.getInputList());
    Set<String> given = names(start.getOutputList());
    Set<String> known = new HashSet<>(given);
    known.addAll(names(start.getInputList()));
    if (!known.containsAll(taken)) {
      throw new IllegalArgumentException(
          "%s takes %s but %s returns %s".formatted(second.name(), taken, first.name(), given));
    }
    Map<String, String> renamed = renamed(end, taken);
    GraphProto.Builder joined = start.toBuilder().clearOutput();
    end.getOutputList().forEach(joined::addOutput);
    start.getOutputList().stream()
        .filter(output -> !taken.contains(output.getName()))
        .forEach(joined::addOutput);
    for (NodeProto node : end.getNodeList()) {
      joined.addNode(
          Nodes.renamed(node, renamed).toBuilder().setName(prefix(end) + node.getName()));
    }
    end.getInitializerList()
        .forEach(
            tensor ->
                joined.addInitializer(tensor.toBuilder().setName(renamed.get(tensor.getName()))));
    end.getValueInfoList()
        .forEach(
            info ->
                joined.addValueInfo(
                    info.toBuilder()
                        .setName(renamed.getOrDefault(info.getName(), info.getName()))));
    start.getOutputList().stream()
        .filter(output -> taken.contains(output.getName()))
        .forEach(joined::addValueInfo);
    return withOperators(first, second).setGraph(joined).build();
  }

  /** Tensors inside the second graph get a prefix, so that they are no tensors of the first. */
  private static Map<String, String> renamed(GraphProto end, Set<String> taken) {
    Set<String> kept = new HashSet<>(taken);
    kept.addAll(names(end.getOutputList()));
    Map<String, String> renamed = new HashMap<>();
    end.getInitializerList().forEach(tensor -> renamed.put(tensor.getName(), ""));
    end.getNodeList()
        .forEach(node -> node.getOutputList().forEach(output -> renamed.put(output, "")));
    renamed.remove("");
    renamed.keySet().removeAll(kept);
    renamed.replaceAll((name, none) -> prefix(end) + name);
    return renamed;
  }

  private static String prefix(GraphProto end) {
    return end.getOutput(0).getName() + "/";
  }

  private static Set<String> names(Iterable<ValueInfoProto> values) {
    Set<String> names = new HashSet<>();
    values.forEach(value -> names.add(value.getName()));
    return names;
  }

  private static ModelProto.Builder withOperators(OnnxModel first, OnnxModel second) {
    ModelProto.Builder model = first.proto().toBuilder();
    Map<String, Long> versions =
        model.getOpsetImportList().stream()
            .collect(
                Collectors.toMap(OperatorSetIdProto::getDomain, OperatorSetIdProto::getVersion));
    for (OperatorSetIdProto operators : second.proto().getOpsetImportList()) {
      Long version = versions.get(operators.getDomain());
      if (version == null) {
        model.addOpsetImport(operators);
      } else if (version != operators.getVersion()) {
        throw new IllegalArgumentException(
            "%s uses version %d of the operators '%s' and %s version %d; export them with one"
                .formatted(
                    first.name(),
                    version,
                    operators.getDomain(),
                    second.name(),
                    operators.getVersion()));
      }
    }
    return model;
  }
}
