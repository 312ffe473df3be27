package dev.squint.eval.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.squint.pruner.Budget;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.pruner.plan.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A published result of a method, and the most similar plan.
 *
 * @param method name of the method in its paper
 * @param paper source of the figure
 * @param model model in the paper
 * @param headline the published figure in words
 * @param tokens share of visual tokens, in (0, 1]
 * @param relative accuracy in per cent of the unpruned model's; null if the paper does not give it
 * @param plan the most similar plan
 * @param differs differences in plan or model
 */
public record PublishedResult(
    String method,
    String paper,
    String model,
    String headline,
    double tokens,
    @Nullable Double relative,
    String plan,
    String differs) {

  private static final ObjectMapper YAML = YAMLMapper.builder().build();

  /** Normalizes the plan's text to the form in result files. */
  public PublishedResult {
    plan = PruningPlan.parse(plan).toString();
  }

  /** A random choice of the same share at the same point; empty if the plan has no share. */
  public Optional<String> blind() {
    PruningPlan steps = PruningPlan.parse(plan);
    Step<?> first = steps.steps().get(0);
    return first.budget() instanceof Budget.Ratio ratio
        ? Optional.of(
            PruningPlan.parse("%s:random(keep=%s)".formatted(first.point(), ratio.keep()))
                .toString())
        : Optional.empty();
  }

  /** Returns all published results, in the order of the tables. */
  public static List<PublishedResult> all() {
    try (InputStream yaml = PublishedResult.class.getResourceAsStream("papers.yaml")) {
      return YAML.readValue(yaml, new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException("papers.yaml cannot be read", e);
    }
  }
}
