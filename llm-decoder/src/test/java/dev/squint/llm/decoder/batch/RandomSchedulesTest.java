package dev.squint.llm.decoder.batch;

import static dev.squint.testing.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.decoder.session.SequenceRow;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Variants;
import dev.squint.testing.Tolerance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sequences that join, rest, leave and are cancelled at random get the tokens that they get alone.
 * {@code -Dschedules=N} sets how many schedules each decoder runs, {@code -Dseed=N} the first seed.
 */
class RandomSchedulesTest {

  private static final Path PACKAGES = Path.of("src/test/resources/packages");
  private static final int SCHEDULES = Integer.getInteger("schedules", 30);
  private static final int SEQUENCES = 48;

  // Rows of a product are summed in other blocks than one row alone.
  private static final Tolerance LOGITS = Tolerance.relative(1e-4);

  private int rows;
  private int tokens;
  // Where the draw was so near to the border of two tokens that rounding decided.
  private int ties;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smolvlm2-fused",
        "qwen2-vl-fused",
        "llava",
        "qwen2-vl",
        "gemma3",
        "smolvlm2",
        "llava-onevision-variants/q4",
        "qwen2-vl-fused/cut",
        "llava/cut"
      })
  void tokensAreThoseOfTheSequenceAlone(String name) {
    long seed = Long.getLong("seed", new Random().nextLong());
    try (Sequences sequences = sequences(name, seed)) {
      for (int i = 0; i < SCHEDULES; i++) {
        try (RowBatch batch = sequences.batch()) {
          schedule(batch, sequences.all, new Random(seed + i));
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(
              "schedule %d of -Dseed=%d: %s".formatted(i, seed, e.getMessage()), e);
        }
      }
    }
    System.out.printf(
        "%s: %d schedules of seed %d, %d sequences, %d tokens as alone, %d by rounding alone%n",
        name, SCHEDULES, seed, rows, tokens - ties, ties);
  }

  private static Sequences sequences(String name, long seed) {
    boolean cut = name.endsWith("/cut");
    boolean q4 = name.endsWith("/q4");
    Path folder = PACKAGES.resolve(Path.of(name).getName(0));
    ModelPackage files =
        ModelPackage.read(folder, q4 ? Variants.parse("decoder=q4") : Variants.ANY);
    return cut ? Sequences.cut(files, SEQUENCES, seed) : Sequences.of(files, SEQUENCES, seed);
  }

  /** A sequence in the batch, its sampler, and how many tokens it has chosen. */
  private static final class Live {
    final Sequences.Alone alone;
    final SequenceRow row;
    final Sequences.Draw draw;
    float[] logits;
    int chosen;

    Live(Sequences.Alone alone) {
      this.alone = alone;
      this.row = alone.row();
      this.draw = alone.draw();
      this.logits = alone.prefilled().logits();
    }
  }

  private void schedule(RowBatch batch, List<Sequences.Alone> all, Random random) {
    int most = 1 + random.nextInt(8);
    int wanted = 1 + random.nextInt(12);
    double joining = random.nextDouble();
    double resting = random.nextDouble() / 2;
    double cancelling = random.nextInt(3) == 0 ? 0.1 : 0.01;
    List<Live> live = new ArrayList<>();
    while (wanted > 0 || !live.isEmpty()) {
      while (wanted > 0 && live.size() < most && random.nextDouble() <= joining) {
        Live one = new Live(all.get(random.nextInt(all.size())));
        batch.join(one.row, one.alone.prefilled());
        live.add(one);
        wanted--;
        rows++;
      }
      step(batch, live, resting, random);
      for (Live one : List.copyOf(live)) {
        if (one.chosen == one.alone.tokens().length || random.nextDouble() < cancelling) {
          batch.leave(one.row);
          live.remove(one);
        }
      }
      assertThat(batch.size()).isEqualTo(live.size());
    }
  }

  private void step(RowBatch batch, List<Live> live, double resting, Random random) {
    Map<SequenceRow, Long> chosen = new HashMap<>();
    for (Live one : List.copyOf(live)) {
      if (random.nextDouble() >= resting) {
        int at = one.chosen++;
        float[] expected = one.alone.logits().get(at);
        assertClose(one.logits, expected, LOGITS, "logits of token %d", at);
        int token = one.draw.next(one.logits);
        tokens++;
        if (token == one.alone.tokens()[at]) {
          chosen.put(one.row, (long) token);
        } else {
          assertThat(one.draw.isNearTo(token, expected))
              .as(
                  "token %d of sequence %d is %d, not %d",
                  at, one.alone.seed(), token, one.alone.tokens()[at])
              .isTrue();
          ties++;
          batch.leave(one.row);
          live.remove(one);
        }
      }
    }
    if (!chosen.isEmpty()) {
      Map<SequenceRow, float[]> logits = batch.step(chosen);
      live.forEach(one -> one.logits = logits.getOrDefault(one.row, one.logits));
    }
  }
}
