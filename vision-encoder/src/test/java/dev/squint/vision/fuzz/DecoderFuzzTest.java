package dev.squint.vision.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A few damaged files in every build; {@link DecoderFuzz} tries many more. */
class DecoderFuzzTest {

  private static final Corpus CORPUS = DecoderFuzz.corpus(DecoderFuzz.FOLDERS);
  private static final long FIRST_SEED = 1;
  private static final int FILES = 1500;

  @Test
  void damagedFiles_areReadOrRefused() {
    assertThat(CORPUS.byKind()).hasSizeGreaterThan(30).doesNotContainKey("refused");
    Map<Trial.Outcome, Integer> outcomes = new EnumMap<>(Trial.Outcome.class);
    for (long seed = FIRST_SEED; seed < FIRST_SEED + FILES; seed++) {
      byte[] file = CORPUS.damaged(seed);
      long at = seed;
      assertThatCode(() -> outcomes.merge(Trial.run(file, at), 1, Integer::sum))
          .as("seed %d, %s", seed, CORPUS.name(seed))
          .doesNotThrowAnyException();
    }
    // Damage that is never noticed, or always at once, tries little.
    assertThat(outcomes.get(Trial.Outcome.READ)).isBetween(FILES / 5, FILES * 4 / 5);
    assertThat(outcomes).doesNotContainKey(Trial.Outcome.STOPPED);
  }

  /** The command; see docs/testing.md. */
  @Test
  @EnabledIfSystemProperty(named = "fuzz.files", matches = "[0-9]+")
  void asManyAsAreAskedFor() throws IOException, InterruptedException {
    long files = Long.getLong("fuzz.files");
    Tally tally =
        DecoderFuzz.run(
            files,
            Duration.ofSeconds(Long.getLong("fuzz.seconds", Integer.MAX_VALUE)),
            Long.getLong("fuzz.seed", 1),
            Path.of(System.getProperty("results.dir", "target/fuzz")),
            Path.of("target/fuzz/found"),
            DecoderFuzz.command(files));
    assertThat(tally.findings()).isEmpty();
  }

  @Test
  void aSeedAlwaysGivesTheSameFile() {
    assertThat(CORPUS.damaged(7)).isEqualTo(CORPUS.damaged(7)).isNotEqualTo(CORPUS.damaged(8));
  }
}
