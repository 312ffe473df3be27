package dev.squint.eval.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizeCommandTest {

  private static final Path TINY = Path.of("../samples/tiny-vlm/package");
  private static final String SHAPES = "../samples/pictures/shapes.png";
  private static final String QUESTION = "What color is the heart?";

  @TempDir private Path temp;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aNewPackage_hasTheFormsAlone_andAnswers() {
    Path made = temp.resolve("made");

    assertThat(squint("quantize", TINY.toString(), "--to=q8,q4", "--out=" + made)).isZero();

    assertThat(out.toString().lines().map(line -> line.substring(0, line.indexOf(' '))))
        .containsExactly(
            "graph",
            "vision_encoder_quantized.onnx",
            "vision_encoder_q4.onnx",
            "embed_tokens_quantized.onnx",
            "embed_tokens_q4.onnx",
            "decoder_model_merged_quantized.onnx",
            "decoder_model_merged_q4.onnx");
    assertThat(made.resolve("onnx/decoder_model_merged.onnx")).doesNotExist();
    for (String variant : List.of("q8", "q4")) {
      assertThat(answer(made, "--variant=" + variant)).startsWith("red");
    }
  }

  @Test
  void formsGoIntoThePackage_andAreReplacedOnlyOnDemand() throws IOException {
    Path copy = temp.resolve("copy");
    copy(TINY, copy);

    assertThat(squint("quantize", copy.toString(), "--to=q4", "--sessions=decoder")).isZero();

    assertThat(answer(copy, "--variant=decoder=q4")).startsWith("red");
    assertThat(squint("quantize", copy.toString(), "--to=q4,q8")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "the package already has vision=q8, embed=q8, decoder=q4, decoder=q8; use --overwrite");
    assertThat(squint("quantize", copy.toString(), "--to=q4", "--sessions=decoder", "--overwrite"))
        .isZero();
  }

  @Test
  void wrongUses_areNamed() throws IOException {
    assertThat(squint("quantize", TINY.toString(), "--to=q3")).isEqualTo(1);
    assertThat(err.toString()).contains("no weights can be written as 'q3'; use q8, q8block or q4");
    assertThat(
            squint("quantize", TINY.toString(), "--sessions=vision", "--out=" + temp.resolve("x")))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--out writes a complete package");
    Files.writeString(temp.resolve("file"), "not empty");
    assertThat(squint("quantize", TINY.toString(), "--out=" + temp)).isEqualTo(1);
    assertThat(err.toString()).contains("is not empty; choose another folder for the new package");
    assertThat(squint("quantize", temp.resolve("none").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("no model package at");
  }

  private String answer(Path model, String... options) {
    out.getBuffer().setLength(0);
    String[] words =
        Stream.concat(
                Stream.of("ask", SHAPES, QUESTION, "--quiet", "--model=" + model),
                Stream.of(options))
            .toArray(String[]::new);
    assertThat(squint(words)).as(err.toString()).isZero();
    return out.toString();
  }

  private int squint(String... words) {
    return Squint.run(new PrintWriter(out), new PrintWriter(err), words);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
