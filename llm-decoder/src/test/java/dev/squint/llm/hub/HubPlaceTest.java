package dev.squint.llm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.squint.llm.model.Variants;
import dev.squint.testing.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pull does to the disk that it writes to: full ones, and two processes on one. */
class HubPlaceTest {

  @TempDir private Path folder;
  private FakeHub server;

  @BeforeEach
  void start() throws IOException {
    server = new FakeHub();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** Pulls into a folder from a hub: the two arguments. */
  public static void main(String[] arguments) {
    pull(Path.of(arguments[0]), arguments[1]);
  }

  private static Path pull(Path folder, String address) {
    HubSettings settings =
        new HubSettings(
            URI.create(address),
            Optional.empty(),
            folder,
            3,
            Duration.ofMillis(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30));
    return new Hub(settings).pull(FakeHub.NAME, Variants.ANY, PullProgress.SILENT);
  }

  private Path pull() {
    return pull(folder, server.address());
  }

  @Test
  void whatDoesNotFitIsNotBegun() {
    server.announce(FakeHub.DATA, Long.MAX_VALUE / 2);

    assertThatThrownBy(this::pull)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("owner/name cannot be kept in " + folder)
        .hasMessageMatching("(?s).* MiB but \\d+ MiB are free.*");
    assertThat(server.requests).noneMatch(path -> path.contains("/onnx/"));
  }

  @Test
  void aDiskThatFillsUpIsNamed_andLeavesNothingUnderTheName() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(full).as("a device that is always full, which Linux has").exists();
    Path place = place().resolve(FakeHub.DATA + ".part");
    Files.createDirectories(place.getParent());
    Files.createSymbolicLink(place, full);

    assertThatThrownBy(this::pull)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(FakeHub.DATA + " of owner/name")
        .hasMessageContaining("No space left on device");
    assertThat(place().resolve(FakeHub.DATA)).doesNotExist();

    Files.delete(place);
    assertThat(pull().resolve(FakeHub.DATA)).hasBinaryContent(server.content(FakeHub.DATA));
  }

  private Path place() {
    String host = server.address().replace("http://", "").replace(':', '_');
    return folder.resolve(host).resolve("owner").resolve(FakeHub.COMMIT).resolve("name");
  }

  @Test
  void twoProcessesBringEachFileOnce() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      List<String> command = JavaProcess.command(List.of(), HubPlaceTest.class);
      command.addAll(List.of(folder.toString(), server.address()));
      processes.add(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }
    for (Process process : processes) {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
    assertThat(place()).isEqualTo(pull());
    assertThat(place().resolve(FakeHub.DATA)).hasBinaryContent(server.content(FakeHub.DATA));
    assertThat(server.requests.stream().filter(path -> path.endsWith(FakeHub.DATA))).hasSize(1);
  }
}
