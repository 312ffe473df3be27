package dev.squint.eval.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.bench.TimeShares;
import dev.squint.eval.cost.DecoderCost;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.StagedDecoders;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.pruner.Point;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.onnx.TensorSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the graphs of a model package, their sizes and the cost of an answer. */
@Command(
    name = "inspect",
    description = "Shows a model's graphs, sizes and costs.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = "The same as --model.")
  private @Nullable String folder;

  @Mixin private ModelOption model = new ModelOption();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Path place = folder == null ? model.folder() : model.folder(folder, spec);
    ObjectNode report = report(place, model.options());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(report.toPrettyString());
    } else {
      print(out, report);
    }
    return 0;
  }

  private static ObjectNode report(Path place, LoadOptions options) {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    try (VisionLanguageModel loaded = VisionLanguageModel.load(place, options)) {
      ModelPackage model = loaded.model();
      report.put("model", model.name());
      report.put("family", model.modelType());
      report.put("processor", model.processorClass());
      ArrayNode devices = report.putArray("devices");
      Device.available().forEach(kind -> devices.add(kind.toString()));
      ArrayNode sessions = report.putArray("sessions");
      for (Session session : Session.values()) {
        sessions.add(session(loaded, session));
      }
      report.put("layers", DecoderCost.layers(loaded));
      ModelSizes sizes = ModelSizes.of(loaded);
      report.put("heads", sizes.heads());
      report.put("kv_heads", sizes.kvHeads());
      report.put("head_size", sizes.headSize());
      report.put("hidden_size", loaded.decoder().hiddenSize());
      report.put("cache", cache(loaded));
      report.set("cost", cost(loaded, sizes));
    }
    return report;
  }

  /** What a decoding step does with the keys and values of earlier tokens. */
  private static String cache(VisionLanguageModel loaded) {
    Device device = loaded.devices().of(Session.DECODER);
    if (!device.equals(Device.CPU)) {
      return "copied in each step, because the decoder runs on " + device;
    }
    return StagedDecoders.whyItCopies(loaded.model().graph(Session.DECODER))
        .map(reason -> "copied in each step, because " + reason)
        .orElse("written in place");
  }

  private static ObjectNode session(VisionLanguageModel loaded, Session session) {
    ModelPackage model = loaded.model();
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", session.key());
    node.put(
        "file",
        model.files(session).stream().map(model::relative).collect(Collectors.joining(" + ")));
    node.put("device", loaded.devices().of(session).toString());
    long bytes = 0;
    for (Path file : model.files(session)) {
      try {
        bytes += Files.size(file);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }
    node.put("bytes", bytes);
    try (OnnxSession graph = OnnxSession.open(model.graph(session), SessionSettings.DEFAULT)) {
      tensors(node.putArray("inputs"), graph.inputs().values());
      tensors(node.putArray("outputs"), graph.outputs().values());
    }
    return node;
  }

  private static void tensors(ArrayNode array, Collection<TensorSpec> tensors) {
    for (TensorSpec tensor : tensors) {
      ObjectNode node = array.addObject();
      node.put("name", tensor.name());
      node.put("type", tensor.type().toString().toLowerCase(Locale.ROOT));
      ArrayNode shape = node.putArray("shape");
      for (TensorSpec.Axis axis : tensor.axes()) {
        if (axis.isFixed()) {
          shape.add(axis.size());
        } else {
          shape.add(axis.toString());
        }
      }
    }
  }

  private static ObjectNode cost(VisionLanguageModel loaded, ModelSizes sizes) {
    ObjectNode cost = JsonNodeFactory.instance.objectNode();
    cost.put("estimate", "one multiply-add counts as two operations");
    cost.put("visual_tokens_per_tile", sizes.tokensPerTile());
    cost.put("encoder_flops_per_tile", known(sizes.encoderFlopsPerTile()));
    cost.put("prefill_flops_per_token", known(sizes.decoderFlopsPerToken()));
    cost.put("decode_flops_per_token", known(sizes.decoderFlopsPerToken() + sizes.headFlops()));
    cost.put("kv_bytes_per_token", loaded.decoder().cacheBytesPerToken());
    double encoder = sizes.encoderFlopsPerTile();
    double prefill =
        (sizes.tokensPerTile() + ModelSizes.QUESTION_TOKENS) * sizes.decoderFlopsPerToken()
            + sizes.headFlops();
    double decode = ModelSizes.ANSWER_TOKENS * (sizes.decoderFlopsPerToken() + sizes.headFlops());
    double all = encoder + prefill + decode;
    ObjectNode shares = cost.putObject("share_of_flops");
    shares.put(
        "of",
        "one tile, %d text tokens, %d answer tokens"
            .formatted(ModelSizes.QUESTION_TOKENS, ModelSizes.ANSWER_TOKENS));
    shares.put("encoder", rounded(encoder / all));
    shares.put("prefill", rounded(prefill / all));
    shares.put("decode", rounded(decode / all));
    TimeShares.estimate(
            loaded,
            sizes.tokensPerTile(),
            sizes.tokensPerTile() + ModelSizes.QUESTION_TOKENS,
            ModelSizes.ANSWER_TOKENS)
        .map(TimeShares::shares)
        .ifPresent(
            time ->
                cost.putObject("share_of_time")
                    .put("of", "this machine, estimated from a short run of the decoder")
                    .put("encoder", rounded(time.encoder()))
                    .put("prefill", rounded(time.prefill()))
                    .put("decode", rounded(time.decode())));
    return cost;
  }

  private static @Nullable Double rounded(double share) {
    return known(Math.rint(share * 1000) / 1000);
  }

  /** The number; null, which is printed as a question mark, if a file lacks what it needs. */
  private static @Nullable Double known(double number) {
    return Double.isNaN(number) ? null : number;
  }

  private static double number(JsonNode node) {
    return node.asDouble(Double.NaN);
  }

  private static void print(PrintWriter out, ObjectNode report) {
    out.printf(
        Locale.ROOT,
        "%s: %s, %s%n",
        report.get("model").asText(),
        report.get("family").asText(),
        report.get("processor").asText());
    out.printf(
        Locale.ROOT,
        "decoder: %d layers, %d heads, %d key-value heads of size %d, hidden size %d%n",
        report.get("layers").asInt(),
        report.get("heads").asInt(),
        report.get("kv_heads").asInt(),
        report.get("head_size").asInt(),
        report.get("hidden_size").asInt());
    out.printf("keys and values: %s%n", report.get("cache").asText());
    out.printf("points of plans: %s%n", points(report.get("layers").asInt()));
    out.printf(
        "devices of this ONNX Runtime: %s%n",
        report.get("devices").toString().replaceAll("[\\[\\]\"]", "").replace(",", ", "));
    report
        .get("sessions")
        .forEach(
            session -> {
              out.printf(
                  Locale.ROOT,
                  "%n%s (%s, %.1f MB) on %s%n",
                  session.get("name").asText(),
                  session.get("file").asText(),
                  session.get("bytes").asLong() / 1e6,
                  session.get("device").asText());
              TextTable table = new TextTable("", "tensor", "type", "shape");
              for (String side : List.of("inputs", "outputs")) {
                session
                    .get(side)
                    .forEach(
                        tensor ->
                            table.row(
                                side.equals("inputs") ? "in" : "out",
                                tensor.get("name").asText(),
                                tensor.get("type").asText(),
                                tensor.get("shape").toString().replace("\"", "")));
              }
              out.print(table);
            });
    printCost(out, report);
  }

  /** All points of a decoder with this number of layers, in the order of the pipeline. */
  private static String points(int layers) {
    return Stream.of(Point.Kind.values())
        .filter(kind -> layers > 1 || kind != Point.Kind.DECODER)
        .map(
            kind ->
                kind == Point.Kind.DECODER
                    ? "%s to %s".formatted(Point.decoder(1), Point.decoder(layers - 1))
                    : kind.toString())
        .collect(Collectors.joining(", "));
  }

  private static void printCost(PrintWriter out, ObjectNode report) {
    var cost = report.get("cost");
    var shares = cost.get("share_of_flops");
    out.printf(
        Locale.ROOT, "%ncost (%s; %s)%n", cost.get("estimate").asText(), shares.get("of").asText());
    TextTable table =
        new TextTable("", "MFLOPs", "share of operations", "share of time on this machine");
    table.row(
        "encoder, per tile of %d visual tokens"
            .formatted(cost.get("visual_tokens_per_tile").asInt()),
        millions(number(cost.get("encoder_flops_per_tile"))),
        percent(number(shares.get("encoder"))),
        percent(number(cost.path("share_of_time").path("encoder"))));
    table.row(
        "prefill, per token",
        millions(number(cost.get("prefill_flops_per_token"))),
        percent(number(shares.get("prefill"))),
        percent(number(cost.path("share_of_time").path("prefill"))));
    table.row(
        "decode, per token",
        millions(number(cost.get("decode_flops_per_token"))),
        percent(number(shares.get("decode"))),
        percent(number(cost.path("share_of_time").path("decode"))));
    out.print(table);
    out.printf(Locale.ROOT, "cache: %d bytes per token%n", cost.get("kv_bytes_per_token").asLong());
  }

  private static String millions(double flops) {
    return Double.isNaN(flops) ? "?" : String.format(Locale.ROOT, "%.1f", flops / 1e6);
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "?" : String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }
}
