package dev.squint.eval.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.eval.run.JsonFiles;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.method.decoder.DepthSchedule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationTest {

  @TempDir Path temp;

  @Test
  void fileInAPlan_isReplacedByItsSteps() {
    Path file = temp.resolve("c.json");
    JsonFiles.write(
        file,
        new Calibration(
            null,
            "m",
            "0",
            1,
            4,
            64,
            List.of(0.5),
            List.of(2.0),
            List.of(1.0),
            List.of(2),
            4,
            new TreeMap<>(
                Map.of("default", "layer1:fastv(keep=0.5)", "exit", "layer3:random(tokens=0)")),
            new TreeMap<>()));

    assertThat(Calibration.expand("encoder:random(keep=0.5) + calibrated:" + file))
        .isEqualTo("encoder:random(keep=0.5) + layer1:fastv(keep=0.5)");
    assertThat(Calibration.expand("calibrated:" + file + "(plan=exit) + cache:quantised"))
        .isEqualTo("layer3:random(tokens=0) + cache:quantised");
    assertThat(Calibration.expand("none")).isEqualTo("none");
    assertThatThrownBy(() -> Calibration.expand("calibrated:" + file + "(plan=other)"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("has no plan 'other'; it has [default, exit]");
    assertThatThrownBy(() -> Calibration.expand("calibrated:" + temp.resolve("none.json")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'squint calibrate --out ");
  }

  @Test
  void cuts_areWhereAHalfAQuarterAndAnEighthRemain() {
    assertThat(Calibrator.cuts(List.of(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)))
        .containsExactly(4, 6, 7);
    assertThat(Calibrator.cuts(List.of(9.0, 0.5, 0.5))).containsExactly(1);
  }

  @Test
  void schedules_areSharesOfTheLayerBefore() {
    assertThat(Calibrator.plan(new DepthSchedule(new int[] {16, 16, 8, 6, 0})))
        .isEqualTo("layer2:fastv(keep=0.5) + layer3:fastv(keep=0.75) + layer4:fastv(tokens=0)");
    assertThat(Calibrator.plan(new DepthSchedule(new int[] {16, 16}))).isEqualTo("none");
  }

  @Test
  void visualMass_countsTheTextAfterThePicture() {
    Matrix attention =
        Matrix.of(
            new float[] {1, 0, 0, 0},
            new float[] {0, 1, 0, 0},
            new float[] {0.5f, 0.25f, 0.25f, 0},
            new float[] {0.25f, 0.25f, 0.25f, 0.25f});

    assertThat(LayerProbe.visualMass(List.of(attention), new int[] {0, 1})).isEqualTo(0.625);
  }
}
