package dev.squint.webapp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import dev.squint.webapp.Tool;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The clients of OpenAI, Anthropic and Ollama for Node.js; npm installs them into the build folder.
 */
class NodeClientTest {

  private static final String NAME = "openai (Node.js)";
  private static final Path SOURCE = Path.of("src", "test", "node");
  private static final Path HOME = Path.of("target", "node");

  private static final Path ERRORS = HOME.resolve("errors.log");

  private static @Nullable Process clients;
  private static BufferedWriter requests;
  private static BufferedReader answers;

  private final RunningServer server = RunningServer.shared();

  @BeforeAll
  static void install() throws Exception {
    Path npm = Tool.NPM.find();
    Tool.NODE.find();
    Files.createDirectories(HOME);
    for (String file : List.of("package.json", "package-lock.json", "client.mjs")) {
      Files.copy(SOURCE.resolve(file), HOME.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (!Files.exists(HOME.resolve("node_modules/ollama/package.json"))) {
      Process process = start(npm.toString(), "ci", "--ignore-scripts", "--no-audit", "--no-fund");
      if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        Tool.missing("npm could not install the clients: " + output(process));
      }
    }
    startClients();
  }

  private static Process start(String... command) throws IOException {
    return new ProcessBuilder(command).directory(HOME.toFile()).redirectErrorStream(true).start();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** One process for all works: its start, with three clients, takes longer than they do. */
  private static void startClients() throws IOException {
    clients =
        new ProcessBuilder(Tool.NODE.find().toString(), "client.mjs")
            .directory(HOME.toFile())
            .redirectError(ERRORS.toFile())
            .start();
    requests = clients.outputWriter(StandardCharsets.UTF_8);
    answers = clients.inputReader(StandardCharsets.UTF_8);
  }

  @AfterAll
  static void stop() {
    if (clients != null) {
      clients.destroy();
    }
  }

  private static JsonNode run(RunningServer server, String work) throws Exception {
    Map<String, String> request = new HashMap<>();
    request.put("baseURL", server.url("/v1"));
    request.put("work", work);
    if (List.of("picture", "frames", "responses", "messages", "ollama").contains(work)) {
      request.put("picture", RunningServer.dataUrl("shapes.png"));
    } else if (work.equals("video")) {
      request.put("picture", RunningServer.clipUrl("shape-moves.mp4"));
    }
    requests.write(RunningServer.JSON.writeValueAsString(request) + "\n");
    requests.flush();
    String line = answers.readLine();
    assertThat(line).as(() -> "the clients ended: " + errors()).isNotNull();
    JsonNode answer = RunningServer.JSON.readTree(line);
    assertThat(answer.has("seen")).as(line).isTrue();
    return answer.path("seen");
  }

  private static String errors() {
    try {
      return Files.readString(ERRORS);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void plainAndStreaming() throws Exception {
    JsonNode plain = run(server, "plain");
    assertThat(plain.path("reason").asString()).isIn("stop", "length");
    JsonNode streamed = run(server, "streaming");
    assertThat(streamed.path("text").asString()).isEqualTo(plain.path("text").asString());
    for (String count : List.of("prompt_tokens", "completion_tokens", "total_tokens")) {
      assertThat(streamed.path("usage").path(count)).isEqualTo(plain.path("usage").path(count));
    }
    ClientTable.works(NAME, "plain", plain.path("usage").path("total_tokens") + " tokens");
    ClientTable.works(NAME, "streaming", "the pieces are the answer, and the usage comes");
  }

  @Test
  void pictureAndFrames() throws Exception {
    JsonNode tokens = run(server, "picture");
    assertThat(tokens.path("kept").asInt()).isEqualTo(tokens.path("total").asInt() / 2);
    JsonNode frames = run(server, "frames");
    assertThat(frames.path("clips").path(0).path("frames").toString()).isEqualTo("[0,1]");
    ClientTable.works(NAME, "picture, half of its tokens", tokens.toString());
    ClientTable.works(NAME, "video of two frames", frames.path("visual_tokens").toString());
  }

  @Test
  void video() throws Exception {
    JsonNode answer = run(RunningServer.trained(), "video");
    assertThat(answer.path("text").asString()).isEqualTo("right");
    assertThat(answer.path("clips").path(0).path("frames").size()).isEqualTo(4);
    ClientTable.works(NAME, "video", answer.path("visual_tokens").toString());
  }

  @Test
  void busy() throws Exception {
    RunningServer endless = RunningServer.endless();
    ClientTable.whileBusy(
        endless,
        () -> {
          JsonNode refused = run(endless, "busy");
          assertThat(refused.path("kind").asString()).isEqualTo("RateLimitError");
          assertThat(refused.path("status").asInt()).isEqualTo(429);
          assertThat(refused.path("after").asString()).matches("[1-9]\\d*");
        });
    ClientTable.works(NAME, "busy", "429 RateLimit with Retry-After");
  }

  @Test
  void cancel() throws Exception {
    RunningServer endless = RunningServer.endless();
    endless.awaitIdle();
    assertThat(run(endless, "cancel").path("pieces").asInt()).isGreaterThanOrEqualTo(3);
    ClientTable.works(NAME, "cancel", ClientTable.assertGivenUp(endless));
  }

  @Test
  void errorsAndModels() throws Exception {
    JsonNode errors = run(server, "errors");
    assertThat(errors.valueStream().map(error -> error.path("status").asInt()))
        .containsExactly(404, 400, 413);
    assertThat(errors.path(0).path("kind").asString()).isEqualTo("NotFoundError");
    assertThat(errors.path(0).path("code").asString()).isEqualTo("model_not_found");
    assertThat(errors.path(1).path("param").asString()).isEqualTo("messages");
    assertThat(run(server, "models").path(0).asString()).isEqualTo("tiled");
    ClientTable.works(NAME, "errors", "400 BadRequest, 404 NotFound, 413");
  }

  @Test
  void responses() throws Exception {
    JsonNode seen = run(server, "responses");
    assertThat(seen.path("status").asString()).isIn("completed", "incomplete");
    assertThat(seen.path("tokens").asInt()).isPositive();
    JsonNode streamed = seen.path("streamed");
    assertThat(streamed.path("types").valueStream().map(JsonNode::asString))
        .startsWith("response.created", "response.in_progress", "response.output_item.added")
        .endsWith("response.output_item.done", "response." + seen.path("status").asString());
    assertThat(streamed.path("usage").path("output_tokens").asInt()).isBetween(1, 4);
    assertThat(streamed.path("text").asString()).isNotEmpty();
    ClientTable.works("Responses, openai (Node.js)", "picture, streaming", "both");
  }

  @Test
  void anthropicsMessages() throws Exception {
    JsonNode seen = run(server, "messages");
    assertThat(seen.path("reason").asString()).isIn("end_turn", "max_tokens");
    assertThat(seen.path("output").asInt()).isBetween(1, 4);
    assertThat(seen.path("tokens").asInt()).isPositive();
    JsonNode streamed = seen.path("streamed");
    assertThat(streamed.path("text").asString())
        .isEqualTo(seen.path("text").asString())
        .isEqualTo(streamed.path("whole").asString());
    assertThat(streamed.path("output").asInt()).isEqualTo(seen.path("output").asInt());
    assertThat(seen.path("failed").path("status").asInt()).isEqualTo(404);
    assertThat(seen.path("failed").path("type").asString()).isEqualTo("not_found_error");
    ClientTable.works("Messages, @anthropic-ai/sdk", "picture, streaming", "both");
  }

  @Test
  void ollama() throws Exception {
    JsonNode seen = run(server, "ollama");
    assertThat(seen.path("tokens").asInt()).isPositive();
    JsonNode streamed = seen.path("streamed");
    assertThat(streamed.path("text").asString()).isEqualTo(seen.path("text").asString());
    assertThat(streamed.path("done").asBoolean()).isTrue();
    assertThat(streamed.path("reason").asString()).isIn("stop", "length");
    assertThat(streamed.path("count").asInt()).isBetween(1, 4);
    assertThat(seen.path("generated").asString()).isEqualTo(seen.path("text").asString());
    assertThat(seen.path("tags").path(0).asString()).isEqualTo("tiled");
    assertThat(seen.path("show").valueStream().map(JsonNode::asString)).contains("vision");
    assertThat(seen.path("failed").path("status").asInt()).isEqualTo(404);
    assertThat(seen.path("failed").path("message").asString())
        .contains("there is no model 'other'");
    ClientTable.works("Ollama, ollama (Node.js)", "chat, generate, tags, show", "all");
  }
}
