package dev.squint.eval.metric;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.squint.eval.data.Question;
import dev.squint.eval.run.JsonFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Scores 500 answers to questions with options as the own code of lmms-eval and VLMEvalKit did
 * ({@code samples/fixtures/harness_letters.py}).
 */
class HarnessLettersTest {

  /** An answer and the names of the rules by which it is right. */
  private record Case(String answer, List<String> options, String right, Set<String> rightBy) {}

  private static final List<Case> CASES = cases();

  private static List<Case> cases() {
    try (InputStream file = HarnessLettersTest.class.getResourceAsStream("/harness-letters.json")) {
      return JsonFiles.MAPPER.readValue(file, new TypeReference<List<Case>>() {});
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "letter-surest",
        "letter-word-or-text",
        "letter-before-point",
        "letter-whole-or-before-point",
        "letter-first",
        "letter-first-in-any-case",
        "letter-alone",
        "letter-earliest",
        "letter-or-option",
        "mmmu",
        "mmmu-options-only",
        "mmmu-vlmevalkit"
      })
  void scoresAsTheHarness(String rule) {
    Scorer scorer = Scorers.get(rule);
    boolean open = rule.startsWith("mmmu-");
    List<String> different =
        CASES.stream()
            .filter(one -> open || !one.options().isEmpty())
            .filter(one -> isRight(scorer, one) != one.rightBy().contains(rule))
            .map(Case::toString)
            .toList();
    assertThat(different).isEmpty();
  }

  @Test
  void rulesDiffer() {
    Set<Set<String>> seen = CASES.stream().map(Case::rightBy).collect(Collectors.toSet());
    Set<String> all = new TreeSet<>();
    seen.forEach(all::addAll);
    assertThat(all).hasSize(12);
    assertThat(seen).hasSizeGreaterThan(30);
  }

  private static boolean isRight(Scorer scorer, Case one) {
    Question question =
        new Question(
            "1",
            List.of(),
            "?",
            "",
            one.options(),
            List.of(one.right()),
            "all",
            "1",
            false,
            List.of(),
            List.of());
    return scorer.score(one.answer(), question).value() == 1;
  }
}
