package dev.squint.llm.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.graph.GraphCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that can go wrong between here and a hub; docs/pull.md says what the user sees. */
class HubTest {

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

  private Hub hub(String token) {
    return hub(token, Duration.ofMinutes(1));
  }

  private Hub hub(String token, Duration silence) {
    return new Hub(
        new HubSettings(
            URI.create(server.address()),
            Optional.of(token).filter(given -> !given.isEmpty()),
            folder,
            3,
            Duration.ofMillis(1),
            Duration.ofMinutes(1),
            silence));
  }

  private Path pull(String variants) {
    Variants chosen = variants.isEmpty() ? Variants.ANY : Variants.parse(variants);
    return hub("").pull(FakeHub.NAME, chosen, PullProgress.SILENT);
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .filter(file -> !file.endsWith(".lock"))
          .sorted()
          .toList();
    }
  }

  @Test
  void bringsWhatTheVariantNeedsAndNothingElse() throws IOException {
    Path whole = pull("");
    assertThat(files(whole))
        .containsExactly(
            "chat_template.jinja",
            "config.json",
            "onnx/decoder_model_merged.onnx",
            FakeHub.DATA,
            "onnx/embed_tokens.onnx",
            "onnx/vision_encoder.onnx",
            "preprocessor_config.json",
            "tokenizer.json");
    assertThat(Files.readAllBytes(whole.resolve(FakeHub.DATA)))
        .isEqualTo(server.content(FakeHub.DATA));
    assertThat(whole.getFileName()).hasToString("name");

    Path small = pull("vision=q4");
    assertThat(small).isEqualTo(whole);
    assertThat(files(small)).contains("onnx/vision_encoder_q4.onnx");
    assertThat(server.requests.stream().filter(path -> path.endsWith(FakeHub.DATA))).hasSize(1);
  }

  @Test
  void bringsSquintJsonAndWhatItNames() throws IOException {
    server.text(
        "squint.json",
        """
        {"domain": {"file": "squint/domain.safetensors"},
         "trained": {"p-mod": {"file": "squint/p-mod.safetensors", "decoder": "onnx/tuned.onnx"}}}
        """);
    for (String file :
        List.of("squint/domain.safetensors", "onnx/tuned.onnx", "onnx/tuned.onnx_data")) {
      server.large(file, 100);
    }
    assertThatThrownBy(() -> pull(""))
        .hasMessage("owner/name has no squint/p-mod.safetensors, which its squint.json names");

    server.large("squint/p-mod.safetensors", 100);
    Path folder = pull("");
    assertThat(files(folder))
        .contains(
            "squint.json",
            "squint/domain.safetensors",
            "squint/p-mod.safetensors",
            "onnx/tuned.onnx",
            "onnx/tuned.onnx_data");
    assertThat(hub("").find(FakeHub.NAME, Variants.ANY)).contains(folder);
    Files.delete(folder.resolve("squint/domain.safetensors"));
    assertThat(hub("").find(FakeHub.NAME, Variants.ANY)).isEmpty();
  }

  @Test
  void findsWithoutAskingWhatWasBrought() {
    assertThat(hub("").find(FakeHub.NAME, Variants.ANY)).isEmpty();
    Path folder = pull("");
    server.requests.clear();
    assertThat(hub("").find(FakeHub.NAME, Variants.ANY)).contains(folder);
    assertThat(hub("").find(FakeHub.NAME, Variants.parse("q4"))).isEmpty();
    assertThat(hub("").find(RepositoryName.parse("owner/name@v2"), Variants.ANY)).isEmpty();
    assertThat(server.requests).isEmpty();
  }

  @Test
  void aNameIsAFolderFirst_thenWhatWasBrought_thenTheHubs() throws IOException {
    List<String> notices = new ArrayList<>();
    ModelFolders folders =
        new ModelFolders(() -> hub(""), new GraphCache(folder), notices::add, PullProgress.SILENT);

    Path brought = folders.folder("owner/name", Variants.ANY);
    assertThat(brought).isEqualTo(hub("").find(FakeHub.NAME, Variants.ANY).orElseThrow());
    assertThat(notices)
        .containsExactly("There is no folder owner/name; downloading owner/name from the hub");

    server.requests.clear();
    assertThat(folders.folder("owner/name", Variants.ANY)).isEqualTo(brought);
    Path here = folder.resolve("here");
    assertThat(folders.folder(here.toString(), Variants.ANY)).isEqualTo(here);
    assertThat(folders.folder(Files.createDirectory(here).toString(), Variants.ANY))
        .isEqualTo(here);
    assertThat(server.requests).isEmpty();
    assertThat(notices).hasSize(1);
    assertThatThrownBy(() -> folders.folder("arch:gpt", Variants.ANY))
        .hasMessageContaining("no architecture is called 'gpt'");
  }

  @Test
  void aFolderNeedsNoHub() {
    ModelFolders folders =
        new ModelFolders(
            () -> {
              throw new AssertionError("a hub was made for a folder");
            },
            new GraphCache(folder),
            line -> {},
            PullProgress.SILENT);

    assertThat(folders.folder(folder.toString(), Variants.ANY)).isEqualTo(folder);
    Path missing = folder.resolve("none");
    assertThat(folders.folder(missing.toString(), Variants.ANY)).isEqualTo(missing);
  }

  @Test
  void tellsOfProgress() {
    List<String> notices = new ArrayList<>();
    hub("")
        .pull(
            FakeHub.NAME,
            Variants.ANY,
            (file, done, size) -> notices.add(file + " " + done + "/" + size));
    assertThat(notices)
        .contains("onnx/embed_tokens.onnx 3000/3000", FakeHub.DATA + " 200000/200000");
  }

  @Test
  void theTokenGoesToTheHubAndNotWhereItSends() {
    server.token = "secret";
    hub("secret").pull(FakeHub.NAME, Variants.ANY, PullProgress.SILENT);
    assertThat(server.tokensAtStore).isEmpty();
  }

  @Test
  void withoutARightTokenNothingComes() {
    server.token = "secret";
    assertThatThrownBy(() -> pull(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not give owner/name to everybody (401)")
        .hasMessageContaining("HF_TOKEN");
    assertThatThrownBy(() -> hub("wrong").pull(FakeHub.NAME, Variants.ANY, PullProgress.SILENT))
        .hasMessageContaining("to this token (401)")
        .hasMessageNotContaining("wrong");
    assertThat(server.requests).hasSize(2);
  }

  @Test
  void whatIsForbiddenIsNotTriedAgain() {
    server.token = "secret";
    server.fault("", 1, FakeHub.status(403));
    assertThatThrownBy(() -> hub("secret").pull(FakeHub.NAME, Variants.ANY, PullProgress.SILENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not give owner/name to this token (403)")
        .hasMessageContaining("accept its terms there");
    assertThat(server.requests).hasSize(1);

    server.token = "";
    server.fault(FakeHub.DATA, 1, FakeHub.status(403));
    assertThatThrownBy(() -> pull(""))
        .hasMessageContaining("does not give owner/name to everybody (403)");
    assertThat(server.requests.stream().filter(path -> path.endsWith(FakeHub.DATA))).hasSize(1);
  }

  @Test
  void whatIsNotThereIsNotTriedAgain() {
    assertThatThrownBy(
            () ->
                hub("")
                    .pull(RepositoryName.parse("owner/other"), Variants.ANY, PullProgress.SILENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no owner/other (404 for /api/models/owner/other/revision/main)");
    assertThat(server.requests).hasSize(1);
    assertThatThrownBy(() -> pull("decoder=fp16"))
        .hasMessageContaining(
            "owner/name has no onnx/decoder_model_merged_fp16.onnx; its graphs are")
        .hasMessageContaining("onnx/decoder_model_merged_q4.onnx");
  }

  @Test
  void waitsAsLongAsAsked() {
    server.fault("config.json", 1, FakeHub.status(429, "Retry-After", "1"));
    long start = System.nanoTime();
    pull("");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(950));
  }

  @Test
  void doesNotWaitForever() {
    server.fault("config.json", 9, FakeHub.status(429, "Retry-After", "3600"));
    assertThatThrownBy(() -> pull(""))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("config.json of owner/name")
        .hasMessageContaining("429 and asks to wait 3600 seconds");
  }

  @Test
  void triesAgainWhenTheHubIsInTrouble() {
    server.fault("", 2, FakeHub.status(503));
    pull("");
    server.fault("", 3, FakeHub.status(502));
    assertThatThrownBy(() -> pull(""))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("the listing of owner/name")
        .hasMessageContaining("answered with 502, at each of 3 attempts");
  }

  @Test
  void goesOnWhereAConnectionBroke() throws IOException {
    server.fault(FakeHub.DATA, 1, FakeHub.broken(150_000));
    Path here = pull("");
    assertThat(Files.readAllBytes(here.resolve(FakeHub.DATA)))
        .isEqualTo(server.content(FakeHub.DATA));
    assertThat(server.requests).anyMatch(request -> request.contains(FakeHub.DATA + " bytes="));
  }

  @Test
  void goesOnAfterAPullThatWasGivenUp() throws IOException {
    server.fault(FakeHub.DATA, 3, FakeHub.broken(100_000));
    assertThatThrownBy(() -> pull(""))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(FakeHub.DATA)
        .hasMessageContaining(
            "check the network, or set another hub in SQUINT_HUB; a later pull resumes");
    assertThat(hub("").find(FakeHub.NAME, Variants.ANY)).isEmpty();
    server.requests.clear();
    Path here = pull("");
    assertThat(Files.readAllBytes(here.resolve(FakeHub.DATA)))
        .isEqualTo(server.content(FakeHub.DATA));
    assertThat(server.requests).anyMatch(request -> request.contains(FakeHub.DATA + " bytes="));
    assertThat(server.requests).noneMatch(request -> request.endsWith("config.json"));
  }

  @Test
  void beginsAgainWhereTheServerKnowsNoRanges() throws IOException {
    server.fault(FakeHub.DATA, 1, FakeHub.broken(150_000));
    pullOnceBroken();
    server.fault(
        FakeHub.DATA,
        1,
        (exchange, content) -> {
          FakeHub.send(exchange, content, null);
          return true;
        });
    assertThat(Files.readAllBytes(pull("").resolve(FakeHub.DATA)))
        .isEqualTo(server.content(FakeHub.DATA));
  }

  private void pullOnceBroken() {
    server.fault(FakeHub.DATA, 9, FakeHub.broken(1000));
    assertThatThrownBy(() -> pull("")).isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void aPartThatDoesNotBelongIsGivenUp() throws IOException {
    pullOnceBroken();
    Path part;
    try (Stream<Path> all = Files.walk(folder)) {
      part = all.filter(file -> file.toString().endsWith(".part")).findFirst().orElseThrow();
    }
    byte[] other = new byte[5000];
    Arrays.fill(other, (byte) 7);
    Files.write(part, other);
    server.fault(FakeHub.DATA, 0, FakeHub.status(500));
    assertThat(Files.readAllBytes(pull("").resolve(FakeHub.DATA)))
        .isEqualTo(server.content(FakeHub.DATA));
  }

  @Test
  void aWrongChecksumLeavesNothing() throws IOException {
    server.list("onnx/embed_tokens.onnx", FakeHub.sha256(new byte[1]));
    assertThatThrownBy(() -> pull(""))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(
            "onnx/embed_tokens.onnx of owner/name: the received file has the checksum")
        .hasMessageContaining("and was deleted");
    assertThat(files(folder)).noneMatch(file -> file.contains("embed_tokens"));

    server.list("config.json", "0000000000000000000000000000000000000000");
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(each -> each.endsWith("config.json")).toList()) {
        Files.delete(file);
      }
    }
    assertThatThrownBy(() -> pull("")).hasMessageContaining("config.json of owner/name");
  }

  @Test
  void moreThanAnnouncedIsRefused() throws IOException {
    server.fault(
        "config.json",
        9,
        (exchange, content) -> {
          FakeHub.send(exchange, new byte[content.length + 1], null);
          return true;
        });
    assertThatThrownBy(() -> pull(""))
        .hasMessageContaining("the hub sends more than the 26 bytes announced");
  }

  @Test
  void aSilentConnectionIsLeft() {
    server.fault(
        FakeHub.DATA,
        9,
        (exchange, content) -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 10);
          exchange.getResponseBody().flush();
          sleep(1500);
          return true;
        });
    Hub hasty = hub("", Duration.ofMillis(500));
    List<String> repeated = new ArrayList<>();
    PullProgress progress =
        new PullProgress() {
          @Override
          public void received(String file, long done, long size) {}

          @Override
          public void repeats(String what, String cause, int attempt, int attempts, Duration wait) {
            assertThat(wait).isPositive();
            repeated.add("%s %d of %d: %s".formatted(what, attempt, attempts, cause));
          }
        };
    assertThatThrownBy(() -> hasty.pull(FakeHub.NAME, Variants.ANY, progress))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(FakeHub.DATA)
        .hasMessageContaining("at each of 3 attempts");
    assertThat(repeated).hasSize(2);
    assertThat(repeated.get(0)).startsWith(FakeHub.DATA).contains(" 2 of 3: ");
    assertThat(repeated.get(1)).startsWith(FakeHub.DATA).contains(" 3 of 3: ");
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aHubThatIsNotThereIsNamed() {
    server.close();
    assertThatThrownBy(() -> pull(""))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("no answer from localhost:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../outside", "/etc/outside", "a/../../outside", "onnx//x", "c:\\\\x"})
  void aNameThatLeavesTheFolderIsRefused(String path) throws IOException {
    server.text(path, "bad");
    assertThatThrownBy(() -> pull(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("would lie outside of its folder; nothing was downloaded");
    assertThat(files(folder)).isEmpty();
  }

  @Test
  void anAnswerOfSomethingElseIsNamed() {
    server.fault(
        "",
        1,
        (exchange, content) -> {
          FakeHub.send(exchange, "<html>".getBytes(java.nio.charset.StandardCharsets.UTF_8), null);
          return true;
        });
    assertThatThrownBy(() -> pull(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not JSON; is its address right?");
  }

  @Test
  void aCircleOfRedirectsEnds() {
    server.fault("config.json", 99, FakeHub.status(302, "Location", "config.json"));
    assertThatThrownBy(() -> pull("")).hasMessageContaining("redirected more than 5 times");
    server.fault("config.json", 99, FakeHub.status(302, "Location", "file:///etc/passwd"));
    assertThatThrownBy(() -> pull("")).hasMessageContaining("which is not followed");
  }

  @Test
  void twoAtOnceBringEachFileOnce() throws Exception {
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      Callable<Path> pulling = () -> pull("");
      for (Future<Path> each : two.invokeAll(List.of(pulling, pulling))) {
        assertThat(Files.readAllBytes(each.get().resolve(FakeHub.DATA)))
            .isEqualTo(server.content(FakeHub.DATA));
      }
    } finally {
      two.shutdown();
    }
    assertThat(server.requests.stream().filter(path -> path.endsWith(FakeHub.DATA))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "a/b/c", "../b", "a/..", "a/b@", "a/b@../c", "a b/c", "/a"})
  void onlyOwnerAndNameAreAPackage(String text) {
    assertThat(RepositoryName.matches(text)).isFalse();
    assertThatThrownBy(() -> RepositoryName.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("OWNER/NAME@REVISION");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "onnx-community/SmolVLM-256M", "a/b@v1.0", "a/b@refs/pr/1"})
  void namesArePrintedAsTheyAreRead(String text) {
    assertThat(RepositoryName.parse(text)).hasToString(text);
  }
}
