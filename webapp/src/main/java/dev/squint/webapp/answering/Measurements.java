package dev.squint.webapp.answering;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.squint.llm.Answer;
import dev.squint.llm.PointReport;
import dev.squint.llm.Timings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What an answer took.
 *
 * @param plan the plan that was applied, as text
 * @param tiles tiles of all pictures and frames
 * @param visualTokens visual tokens of all pictures and frames
 * @param stages visual tokens before and after each point where the plan acts
 * @param clips which frames of each clip were read and looked at; absent without clips
 * @param reusedTokens the first tokens of the prompt, which an earlier prompt had too, so that the
 *     decoder went on behind them
 * @param prefillRuns the runs of decoder layers on the prompt, in order
 * @param pruneOperations operations of choosing and merging tokens until the first token
 * @param kvBytes bytes of the decoder's cache when the answer ended
 * @param timingsMs where the time went, in milliseconds
 * @param notes what a reader of the figures must know
 * @param map what happened to each visual token, if requested
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Measurements(
    String plan,
    Tiles tiles,
    VisualTokens visualTokens,
    List<Stage> stages,
    @Nullable List<LookedAtClip> clips,
    int reusedTokens,
    List<PrefillRun> prefillRuns,
    long pruneOperations,
    long kvBytes,
    TimingsMs timingsMs,
    List<String> notes,
    @Nullable TokenOverlay map) {

  /** Tiles that the pictures have, and those that were encoded. */
  public record Tiles(int total, int encoded) {}

  /**
   * A run of decoder layers [firstLayer, endLayer) on the prompt.
   *
   * @param tokens tokens of the prompt that they were given
   * @param visualTokens visual ones among them
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record PrefillRun(int firstLayer, int endLayer, int tokens, int visualTokens) {}

  /** Visual tokens that the encoder gave, and that the language model saw. */
  public record VisualTokens(int total, int kept) {}

  /** Visual tokens before and after one point of the plan. */
  public record Stage(String point, int before, int after) {}

  /**
   * Where the time went, in milliseconds.
   *
   * @param read what decoding the pictures and clips took, which is before the answer's time
   * @param cachedEncode what encoding took for an earlier question whose visual tokens were used
   *     again; not part of this answer's time
   * @param cachedPrefill what the decoder took for earlier questions for the tokens that are reused
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record TimingsMs(
      double queue,
      double read,
      double preprocess,
      double encode,
      double cachedEncode,
      double prune,
      double prefill,
      double cachedPrefill,
      double decode,
      double firstToken,
      double total) {}

  static Measurements of(
      Answer answer,
      List<PointReport> reports,
      List<LookedAtClip> clips,
      double queueMillis,
      double readMillis,
      @Nullable TokenOverlay map) {
    Timings timings = answer.timings();
    return new Measurements(
        answer.plan().toString(),
        new Tiles(answer.encoding().tiles(), answer.encoding().encodedTiles()),
        new VisualTokens(answer.visualTokens(), answer.keptVisualTokens()),
        stages(answer, reports),
        clips.isEmpty() ? null : clips,
        answer.reusedTokens(),
        runs(answer),
        Math.round(answer.pruneOperations()),
        answer.kvBytes(),
        new TimingsMs(
            rounded(queueMillis),
            rounded(readMillis),
            rounded(timings.preprocessMillis()),
            rounded(timings.encodeMillis()),
            rounded(timings.cachedEncodeMillis()),
            rounded(timings.pruneMillis()),
            rounded(timings.prefillMillis()),
            rounded(timings.cachedPrefillMillis()),
            rounded(timings.decodeMillis()),
            rounded(timings.firstTokenMillis()),
            rounded(timings.totalMillis())),
        answer.notes(),
        map);
  }

  private static List<PrefillRun> runs(Answer answer) {
    return answer.prefillRuns().stream()
        .map(
            run ->
                new PrefillRun(
                    run.firstLayer(), run.endLayer(), run.tokens(), answer.visualTokens(run)))
        .toList();
  }

  private static List<Stage> stages(Answer answer, List<PointReport> reports) {
    List<Stage> stages = new ArrayList<>();
    int before = answer.visualTokens();
    for (PointReport report : reports) {
      int after = report.reduction().after();
      stages.add(new Stage(report.point().toString(), before, after));
      before = after;
    }
    return stages;
  }

  private static double rounded(double millis) {
    return Math.round(millis * 100) / 100.0;
  }
}
