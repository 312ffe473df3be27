package dev.squint.vision.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A few damaged files in every build; {@link DecoderFuzz} tries many more. */
class DecoderFuzzTest {

  private static final Corpus CORPUS =
      Corpus.of(
          Path.of("src/test/resources/traits"),
          Path.of("src/test/resources/pictures"),
          Path.of("src/test/resources/cases"),
          Path.of("src/test/resources/clips"),
          Path.of("../samples/clips"));

  private static final long FIRST_SEED = 1;
  private static final int FILES = 600;

  @Test
  void damagedFiles_areReadOrRefused() {
    assertThat(CORPUS.files()).hasSizeGreaterThan(60);
    for (long seed = FIRST_SEED; seed < FIRST_SEED + FILES; seed++) {
      byte[] file = CORPUS.damaged(seed);
      assertThatCode(() -> Trial.run(file))
          .as("seed %d, %s", seed, CORPUS.name(seed))
          .doesNotThrowAnyException();
    }
  }

  /** The command; see docs/testing.md. */
  @Test
  @EnabledIfSystemProperty(named = "fuzz.seconds", matches = "[0-9]+")
  void forAsLongAsIsAskedFor() throws IOException, InterruptedException {
    long found =
        DecoderFuzz.run(
            Long.getLong("fuzz.seconds", 1),
            Long.getLong("fuzz.seed", 1),
            Path.of("target/fuzz"),
            List.of(
                "src/test/resources/traits",
                "src/test/resources/pictures",
                "src/test/resources/cases",
                "src/test/resources/clips",
                "../samples/clips"));
    assertThat(found).isZero();
  }

  @Test
  void aSeedAlwaysGivesTheSameFile() {
    assertThat(CORPUS.damaged(7)).isEqualTo(CORPUS.damaged(7)).isNotEqualTo(CORPUS.damaged(8));
  }
}
