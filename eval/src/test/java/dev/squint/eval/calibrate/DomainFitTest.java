package dev.squint.eval.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squint.llm.model.TrainingDomain;
import dev.squint.pruner.Matrix;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DomainFitTest {

  @TempDir private Path folder;

  @Test
  void oneDimension_measuresStandardDeviations() {
    Matrix fitted = column(1, 2, 3, 4, 5);
    TrainingDomain domain = DomainFit.fit(fitted, column(3, 4, 5, 7), 0.25);

    double deviation = Math.sqrt(2.5);
    assertThat(domain.distance(new float[] {6})).isCloseTo(3 / deviation, within(1e-6));
    // One of four may be flagged: the threshold is the second largest distance, that of 5.
    assertThat(domain.threshold()).isCloseTo(2 / deviation, within(1e-6));
    assertThat(domain.isOutside(new float[] {7})).isTrue();
    assertThat(domain.isOutside(new float[] {1})).isFalse();
  }

  @Test
  void deviationInANarrowDirection_isFlaggedNearTheMean() {
    Random random = new Random(7);
    Matrix fitted = correlated(random, 800);
    TrainingDomain domain = DomainFit.fit(fitted, correlated(random, 500), 0.02);

    int alarms = 0;
    Matrix others = correlated(random, 1000);
    for (int i = 0; i < others.rows(); i++) {
      alarms += domain.isOutside(others.row(i)) ? 1 : 0;
    }
    assertThat(alarms).isBetween(3, 60);
    assertThat(domain.isOutside(new float[] {10, 10})).as("far along the spread").isFalse();
    assertThat(domain.isOutside(new float[] {2, -2})).as("near, across the spread").isTrue();
  }

  @Test
  void writtenFile_isReadBackUnchanged() {
    Random random = new Random(3);
    TrainingDomain domain = DomainFit.fit(correlated(random, 50), correlated(random, 50), 0.1);
    Path file = folder.resolve("domain.safetensors");
    domain.write(file);

    TrainingDomain read = TrainingDomain.read(file);
    assertThat(read.mean()).isEqualTo(domain.mean());
    assertThat(read.whitening()).isEqualTo(domain.whitening());
    assertThat(read.threshold()).isCloseTo(domain.threshold(), within(1e-5));
  }

  @Test
  void tooFewPictures_areRefused() {
    assertThatThrownBy(() -> DomainFit.fit(column(1, 2), column(1, 2, 3), 0.01))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2 and 100 are needed");
    assertThatThrownBy(() -> DomainFit.fit(column(1, 1), column(1, 2), 0.5))
        .hasMessageContaining("same features");
    assertThatThrownBy(() -> DomainFit.fit(column(1, 2), column(1, 2), 1))
        .hasMessageContaining("in (0, 1) but were 1.0");
  }

  @Test
  void intervals_areWilson() {
    DomainRate rate = new DomainRate("receipts", false, 10, 9);
    assertThat(rate.interval().low()).isCloseTo(0.5958, within(1e-4));
    assertThat(rate.interval().high()).isCloseTo(0.9821, within(1e-4));
    assertThat(new DomainRate("shapes", true, 100, 0).interval().high())
        .isCloseTo(0.0370, within(1e-4));
  }

  private static Matrix column(float... values) {
    return new Matrix(values.length, 1, values);
  }

  /** Two correlated dimensions: standard deviation 5 along (1, 1), 0.1 across. */
  private static Matrix correlated(Random random, int rows) {
    float[] values = new float[2 * rows];
    for (int i = 0; i < rows; i++) {
      double along = 5 * random.nextGaussian();
      double across = 0.1 * random.nextGaussian();
      values[2 * i] = (float) (along + across);
      values[2 * i + 1] = (float) (along - across);
    }
    return new Matrix(rows, 2, values);
  }
}
