package dev.squint.eval.cli;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.PointReport;
import dev.squint.llm.Timings;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Background;
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
      description =
          "Plan that chooses the visual tokens to keep, e.g. 'encoder:cls-attention(keep=0.25)'.")
  private String plan = "none";

  @Mixin private ModelOption model = new ModelOption();

  @Option(
      names = "--max-tokens",
      defaultValue = "256",
      paramLabel = "N",
      description = "Maximum number of tokens in the answer (default ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Mixin private SamplingOption sampling = new SamplingOption();

  @Option(
      names = "--draft-tokens",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Run up to N draft tokens together with the next one. Drafts are the tokens that followed the last words earlier in the prompt or answer. The answer is the same; it is faster where it repeats such text (default ${DEFAULT-VALUE}).")
  private int draftTokens;

  @Option(
      names = "--map",
      paramLabel = "OUT.png",
      description = "Write the pictures or frames as PNG, with dropped tokens dimmed.")
  private @Nullable Path map;

  @Option(
      names = "--background",
      paramLabel = "COLOUR",
      description =
          "Put transparent pictures on a colour: white, black, grey or #rrggbb (default: transparency is dropped).")
  private @Nullable String background;

  @Mixin private ClipOption clips = new ClipOption();

  @Option(
      names = "--json",
      description = "Print one JSON object instead of text; docs/answer.md lists its fields.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print only the answer, without figures and notes on standard error.")
  private boolean quiet;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    checkValues();
    PruningPlan pruning = PruningPlan.parse(Calibration.expand(plan));
    if (map != null) {
      MapFile.checkTarget(map);
    }
    List<Path> files = words.subList(0, words.size() - 1).stream().map(Path::of).toList();
    boolean video = files.stream().anyMatch(VideoReader::isVideo);
    ClipOptions clipOptions = clips.options(spec, video);
    if (map != null && video && files.size() > 1) {
      throw wrong("--map takes pictures or exactly one video; leave out --map or the other files");
    }
    PictureReader reader = reader();
    List<Content> content = new ArrayList<>();
    for (Path file : files) {
      if (!VideoReader.isVideo(file)) {
        content.add(new Content.Image(reader.read(file)));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    List<PointReport> reports = new ArrayList<>();
    try (VisionLanguageModel loaded = model.load(List.of(pruning))) {
      AskOptions options =
          sampling
              .apply(AskOptions.DEFAULT)
              .withPlan(pruning)
              .withMaxTokens(maxTokens)
              .withDraftTokens(draftTokens)
              .reportingTo(reports::add)
              .streamingTo(json ? piece -> {} : piece -> print(out, piece));
      for (int i = 0; i < files.size(); i++) {
        if (VideoReader.isVideo(files.get(i))) {
          content.add(i, new Content.Video(loaded.clip(files.get(i), clipOptions)));
        }
      }
      content.add(new Content.Text(words.get(words.size() - 1)));
      Message question = new Message("user", content);
      Answer answer = loaded.ask(List.of(question), options);
      if (!json) {
        out.println();
        out.flush();
      }
      if (map != null) {
        draw(loaded, question, answer, map);
      }
      if (json) {
        out.println(AnswerJson.of(loaded, content, reports, answer).toPrettyString());
      } else {
        report(answer);
      }
    }
    return 0;
  }

  /** Prints figures and notes to standard error, so that standard output has only the answer. */
  private void report(Answer answer) {
    if (quiet) {
      return;
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println(figures(answer));
    answer.frameSeconds().forEach(seconds -> err.println(ClipOption.times(seconds)));
    answer.notes().forEach(note -> err.println("note: " + note));
  }

  private PictureReader reader() {
    if (background == null) {
      return new PictureReader();
    }
    try {
      return new PictureReader().withBackground(Background.parse(background));
    } catch (IllegalArgumentException e) {
      throw wrong("--background: " + e.getMessage());
    }
  }

  private void checkValues() {
    if (maxTokens < 1) {
      throw wrong("--max-tokens must be at least 1 but was " + maxTokens);
    }
    if (draftTokens < 0 || draftTokens > AskOptions.MOST_DRAFT_TOKENS) {
      throw wrong(
          "--draft-tokens must be in 0..%d but was %d"
              .formatted(AskOptions.MOST_DRAFT_TOKENS, draftTokens));
    }
    sampling.check();
    if (words.get(words.size() - 1).isBlank()) {
      throw wrong("the question is empty; give it as the last argument");
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void draw(VisionLanguageModel loaded, Message question, Answer answer, Path file) {
    MapFile.write(
        file,
        question.content().get(0) instanceof Content.Video asked
            ? loaded.map(asked.clip(), answer)
            : loaded.map(question.pictures(), answer));
    if (!quiet) {
      spec.commandLine().getErr().println("the kept tokens are drawn in " + file);
    }
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
        "[%d of %d tiles encoded, %d of %d visual tokens%s, %d prompt + %d answer tokens, cache %.1f KiB; encode %.0f ms, "
            + "first token %.0f ms, %.1f ms per token, total %.0f ms; %s]",
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

  /**
   * Visual tokens per group of decoder layers, if a plan prunes between layers; otherwise empty.
   */
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
}
