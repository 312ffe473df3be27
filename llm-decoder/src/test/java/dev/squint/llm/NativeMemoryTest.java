package dev.squint.llm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.testing.JavaProcess;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Memory outside the Java heap does not grow with the number of questions. Asked in a JVM of its
 * own, whose heap is all touched at the start and whose direct buffers are few, so that what grows
 * in its resident memory is native.
 */
class NativeMemoryTest {

  private static final Path LLAVA = Path.of("src/test/resources/packages/llava");
  private static final int WARM_UP = 50;
  private static final int QUESTIONS = 100;

  /** Each is asked all the questions, in one process: the start of one costs as much as they do. */
  private static final List<String> PLANS =
      List.of(
          "none",
          "layer1:fastv(keep=0.5) + layer2:gemfilter(keep=0.5) + layer3:average-pool(keep=0.5)"
              + " + cache:h2o(keep=0.5)",
          "layer2:pyramiddrop(keep=0.5) + cache:snapkv(keep=0.5, window=8)"
              + " + cache:quantised(every=2)");

  @Test
  void questions_leaveNothingBehind() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                JavaProcess.command(
                    List.of(
                        "-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=8m"),
                    Asker.class))
            .redirectErrorStream(true)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(printed).isZero();
    List<String> lines = printed.lines().toList();
    List<String> grown = lines.subList(lines.size() - PLANS.size(), lines.size());

    // The cache of one answer is 180 kB: left behind each time, it would be 18 MB.
    for (int i = 0; i < PLANS.size(); i++) {
      assertThat(Long.parseLong(grown.get(i)))
          .as("kB of native memory grown over %d questions with %s", QUESTIONS, PLANS.get(i))
          .isLessThan(10_000);
    }
  }

  static final class Asker {

    private Asker() {}

    public static void main(String[] args) throws IOException {
      Picture picture = new PictureReader().read(LLAVA.resolve("test/small_90x70.png"));
      // Nothing remembered, so that every question encodes.
      try (VisionLanguageModel model =
          VisionLanguageModel.load(LLAVA, LoadOptions.DEFAULT.withEncoderCacheBytes(0))) {
        for (String plan : PLANS) {
          AskOptions options = AskOptions.DEFAULT.withMaxTokens(4).withPlan(plan);
          ask(model, picture, options, WARM_UP);
          long before = residentKilobytes();
          ask(model, picture, options, QUESTIONS);
          System.out.println(residentKilobytes() - before);
        }
      }
    }

    private static void ask(
        VisionLanguageModel model, Picture picture, AskOptions options, int times) {
      for (int i = 0; i < times; i++) {
        model.ask(List.of(picture), "What is in the picture?", options);
      }
    }

    private static long residentKilobytes() throws IOException {
      Path status = Path.of("/proc/self/status");
      if (Files.exists(status)) {
        for (String line : Files.readAllLines(status)) {
          if (line.startsWith("RssAnon:")) {
            return Long.parseLong(line.replaceAll("\\D", ""));
          }
        }
      }
      List<String> ps = new ArrayList<>(List.of("ps", "-o", "rss=", "-p"));
      ps.add(Long.toString(ProcessHandle.current().pid()));
      Process process = new ProcessBuilder(ps).start();
      return Long.parseLong(
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }
}
