package dev.squint.eval.calibrate;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.squint.eval.run.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The measurements on a model and the plans chosen from them; saved as a file that plans can name.
 *
 * @param made what it was made from; null in files of older versions
 * @param model name of the package
 * @param modelSha256 hash of the package's files
 * @param questions number of questions asked
 * @param layers number of decoder layers, L
 * @param visualTokens visual tokens per question, mean
 * @param visualAttention share of the attention of the text after the pictures that goes to visual
 *     tokens, for all layers but the last, [L - 1]
 * @param attentionRank mean attention rank of these layers (ARank), [L - 1]
 * @param exitAgreement share of answers that do not change when all visual tokens are dropped after
 *     1, 2, ... layers, [L - 1]
 * @param cutLayers number of layers after which a half, a quarter and an eighth of the attention to
 *     visual tokens remain
 * @param exitLayer number of layers after which all visual tokens can be dropped; L if there is
 *     none
 * @param plans plans by name; a plan text without a name means {@code default}
 * @param figures what the plans cost and save, by the same names
 */
public record Calibration(
    @Nullable Origin made,
    String model,
    String modelSha256,
    int questions,
    int layers,
    double visualTokens,
    List<Double> visualAttention,
    List<Double> attentionRank,
    List<Double> exitAgreement,
    List<Integer> cutLayers,
    int exitLayer,
    SortedMap<String, String> plans,
    SortedMap<String, PlanFigures> figures) {

  /**
   * What a plan costs and saves on the sample questions.
   *
   * @param agreement share of answers that do not change, [0, 1]
   * @param layerShare mean share of the visual tokens in the decoder's layers, [0, 1]
   */
  public record PlanFigures(double agreement, double layerShare) {}

  private static final Pattern STEP =
      Pattern.compile("calibrated:([^\\s()]+)\\s*(?:\\(\\s*plan\\s*=\\s*([^\\s()]+)\\s*\\))?");

  /** Copies the lists. */
  public Calibration {
    visualAttention = List.copyOf(visualAttention);
    attentionRank = List.copyOf(attentionRank);
    exitAgreement = List.copyOf(exitAgreement);
    cutLayers = List.copyOf(cutLayers);
  }

  /**
   * Replaces {@code calibrated:FILE} and {@code calibrated:FILE(plan=NAME)} in a plan by the steps
   * from the calibration files.
   *
   * @throws IllegalArgumentException if a file cannot be read or has no plan with that name
   */
  public static String expand(String plan) {
    Matcher matcher = STEP.matcher(plan);
    StringBuilder expanded = new StringBuilder();
    while (matcher.find()) {
      String name = matcher.group(2) == null ? "default" : matcher.group(2);
      Path file = Path.of(matcher.group(1));
      matcher.appendReplacement(expanded, Matcher.quoteReplacement(read(file).plan(name, file)));
    }
    return matcher.appendTail(expanded).toString();
  }

  private String plan(String name, Path file) {
    String plan = plans.get(name);
    if (plan == null) {
      throw new IllegalArgumentException(
          "%s has no plan '%s'; it has %s".formatted(file, name, plans.keySet()));
    }
    return plan;
  }

  private static Calibration read(Path file) {
    try {
      return JsonFiles.MAPPER.readValue(Files.readString(file), Calibration.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is not a file of 'squint calibrate'".formatted(file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s cannot be read; 'squint calibrate --out %s' makes it".formatted(file, file), e);
    }
  }
}
