package dev.squint.eval.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.squint.eval.run.Condition;
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
 * What a paper reports of a method, and the plan that comes nearest to it here.
 *
 * @param method as its paper calls it
 * @param paper where the figure stands
 * @param model what was measured there
 * @param headline the figure in words
 * @param tokens share of visual tokens that it is about, in (0, 1]
 * @param relative accuracy left, per cent of the unpruned model's; null where the paper gives none
 * @param plan the nearest plan
 * @param differs how the plan or the model differ from what was measured there
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

  /** Writes the plan as runs name it. */
  public PublishedResult {
    plan = Condition.parse(plan).toString();
  }

  /** A random choice of the same share at the same point; empty if the plan names no share. */
  public Optional<String> blind() {
    PruningPlan steps = Condition.parse(plan).plan();
    Step<?> first = steps.steps().get(0);
    return first.budget() instanceof Budget.Ratio ratio
        ? Optional.of(
            Condition.parse("%s:random(keep=%s)".formatted(first.point(), ratio.keep())).toString())
        : Optional.empty();
  }

  /** All that are known, in the order of tables. */
  public static List<PublishedResult> all() {
    try (InputStream yaml = PublishedResult.class.getResourceAsStream("papers.yaml")) {
      return YAML.readValue(yaml, new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException("papers.yaml cannot be read", e);
    }
  }
}
