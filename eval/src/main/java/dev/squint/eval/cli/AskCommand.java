package dev.squint.eval.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.eval.calibrate.Calibration;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.Timings;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.decoder.Sampler;
import dev.squint.llm.decoder.StageRun;
import dev.squint.llm.model.ModelPackage;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.PictureReader;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.VideoReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Answers one question about pictures or a video. */
@Command(
    name = "ask",
    description = "Answers a question about pictures or a video.",
    mixinStandardHelpOptions = true)
final class AskCommand implements Callable<Integer> {

  @Parameters(
      arity = "2..*",
      paramLabel = "FILE... QUESTION",
      hideParamSyntax = true,
      description = "Picture or video files, then the question.")
  private List<String> words = List.of();

  @Option(
      names = "--plan",
      defaultValue = "none",
      paramLabel = "PLAN",
      description = "Which visual tokens to keep, e.g. 'encoder:cls-attention(keep=0.25)'.")
  private String plan = "none";

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--max-tokens",
      defaultValue = "256",
      paramLabel = "N",
      description = "Longest answer in tokens (default ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "0 takes the likeliest token (default), above 0 draws.")
  private double temperature;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "S",
      description = "Seed of the draws (default ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--map",
      paramLabel = "OUT.png",
      description = "Write the picture or frames with the dropped tokens dimmed.")
  private @Nullable Path map;

  @Mixin private ClipOption clips = new ClipOption();

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    checkValues();
    PruningPlan pruning = PruningPlan.parse(Calibration.expand(plan));
    if (map != null) {
      KeptMap.checkTarget(map);
    }
    List<Path> files = words.subList(0, words.size() - 1).stream().map(Path::of).toList();
    boolean video = files.stream().anyMatch(VideoReader::isVideo);
    ClipOptions clipOptions = clips.options(spec, video);
    if (map != null && video && files.size() > 1) {
      throw wrong("--map is for pictures, or for one video alone");
    }
    PictureReader reader = new PictureReader();
    List<Content> content = new ArrayList<>();
    for (Path file : files) {
      if (!VideoReader.isVideo(file)) {
        content.add(new Content.Image(reader.read(file)));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    try (VisionLanguageModel loaded = model.load(List.of(pruning))) {
      AskOptions options =
          AskOptions.DEFAULT
              .withPlan(pruning)
              .withMaxTokens(maxTokens)
              .withSampler(
                  () -> temperature == 0 ? Sampler.GREEDY : Sampler.random(temperature, 0, 1, seed))
              .streamingTo(json ? piece -> {} : piece -> print(out, piece));
      for (int i = 0; i < files.size(); i++) {
        if (VideoReader.isVideo(files.get(i))) {
          content.add(i, new Content.Video(loaded.clip(files.get(i), clipOptions)));
        }
      }
      content.add(new Content.Text(words.get(words.size() - 1)));
      Message question = new Message("user", content);
      Answer answer = loaded.ask(List.of(question), options);
      if (map != null) {
        KeptMap.write(
            map,
            content.get(0) instanceof Content.Video asked
                ? loaded.map(asked.clip(), answer)
                : loaded.map(question.pictures(), answer));
      }
      if (json) {
        out.println(json(loaded.model(), pruning, answer).toPrettyString());
      } else {
        out.println();
        out.println(figures(answer));
        answer.frameSeconds().forEach(seconds -> out.println(ClipOption.times(seconds)));
        answer.notes().forEach(note -> out.println("note: " + note));
      }
    }
    return 0;
  }

  private void checkValues() {
    if (maxTokens < 1) {
      throw wrong("--max-tokens must be at least 1 but was " + maxTokens);
    }
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw wrong("--temperature must be 0 or more but was " + temperature);
    }
    if (words.get(words.size() - 1).isBlank()) {
      throw wrong("the question is empty");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static void print(PrintWriter out, String piece) {
    out.print(piece);
    out.flush();
  }

  private static String figures(Answer answer) {
    Timings timings = answer.timings();
    int later = answer.completionTokens();
    return String.format(
        Locale.ROOT,
        "[%d of %d tiles encoded, %d of %d visual tokens%s, %d prompt + %d answer tokens, cache %.1f kB; encode %.0f ms, "
            + "first token %.0f ms, %.1f ms a token, total %.0f ms; %s]",
        answer.encoding().encodedTiles(),
        answer.encoding().tiles(),
        answer.keptVisualTokens(),
        answer.visualTokens(),
        deeper(answer),
        answer.promptTokens(),
        answer.completionTokens(),
        answer.kvBytes() / 1024.0,
        timings.encodeMillis(),
        timings.firstTokenMillis(),
        later == 0 ? 0 : timings.decodeMillis() / later,
        timings.totalMillis(),
        answer.finishReason());
  }

  /** How many visual tokens the deeper layers saw, where a plan acts between layers. */
  private static String deeper(Answer answer) {
    if (answer.layerReductions().isEmpty()) {
      return "";
    }
    return answer.prefillRuns().stream()
        .map(
            run ->
                "%d in layers %d to %d"
                    .formatted(answer.visualTokens(run), run.firstLayer(), run.endLayer() - 1))
        .collect(Collectors.joining(", ", " (", ")"));
  }

  private static ObjectNode json(ModelPackage model, PruningPlan plan, Answer answer) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("answer", answer.text());
    node.put("model", model.name());
    node.put("plan", plan.toString());
    node.put("finish_reason", answer.finishReason().toString());
    node.putObject("tiles")
        .put("total", answer.encoding().tiles())
        .put("encoded", answer.encoding().encodedTiles());
    node.putObject("visual_tokens")
        .put("total", answer.visualTokens())
        .put("kept", answer.keptVisualTokens());
    if (!answer.frameSeconds().isEmpty()) {
      ArrayNode seconds = node.putArray("frame_seconds");
      answer.frameSeconds().forEach(clip -> clip.forEach(seconds::add));
    }
    ArrayNode runs = node.putArray("prefill_runs");
    for (StageRun run : answer.prefillRuns()) {
      runs.addObject()
          .put("first_layer", run.firstLayer())
          .put("end_layer", run.endLayer())
          .put("tokens", run.tokens())
          .put("visual_tokens", answer.visualTokens(run));
    }
    node.putObject("tokens")
        .put("prompt", answer.promptTokens())
        .put("completion", answer.completionTokens());
    node.put("prune_operations", Math.round(answer.pruneOperations()));
    node.put("kv_bytes", answer.kvBytes());
    Timings timings = answer.timings();
    node.putObject("timings_ms")
        .put("preprocess", rounded(timings.preprocessMillis()))
        .put("encode", rounded(timings.encodeMillis()))
        .put("prune", rounded(timings.pruneMillis()))
        .put("prefill", rounded(timings.prefillMillis()))
        .put("decode", rounded(timings.decodeMillis()))
        .put("ttft", rounded(timings.firstTokenMillis()))
        .put("total", rounded(timings.totalMillis()));
    if (!answer.notes().isEmpty()) {
      answer.notes().forEach(node.putArray("notes")::add);
    }
    return node;
  }

  private static double rounded(double millis) {
    return Math.rint(millis * 1000) / 1000;
  }
}
