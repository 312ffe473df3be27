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

/**
 * What was measured of a model, and the plans that follow; a file that a plan can name.
 *
 * @param model name of the package
 * @param modelSha256 hash of the package's files
 * @param questions how many were asked
 * @param layers layers of the decoder, L
 * @param visualTokens visual tokens of a question, mean
 * @param visualAttention share of the attention of the words after the pictures that goes to visual
 *     tokens, in all layers but the last, [L - 1]
 * @param attentionRank mean rank of the attention of these layers (ARank), [L - 1]
 * @param exitAgreement share of answers that stay the same when all visual tokens leave after 1, 2,
 *     ... layers, [L - 1]
 * @param cutLayers after how many layers half, a quarter and an eighth of the attention to visual
 *     tokens are still to come
 * @param exitLayer after how many layers all visual tokens can leave; L where they never can
 * @param plans by name; {@code default} is taken where a plan names none
 */
public record Calibration(
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
    SortedMap<String, String> plans) {

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
   * A plan's text with the steps of calibration files in the places where it names them, as {@code
   * calibrated:FILE} or {@code calibrated:FILE(plan=NAME)}.
   *
   * @throws IllegalArgumentException if a file cannot be read or has no such plan
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
