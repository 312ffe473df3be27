package dev.squint.webapp;

import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts the server on a free port of this machine, asks it a question and ends. The launcher
 * archives the classes that this loads.
 */
final class ArchiveRun {

  private static final List<String> SETTINGS =
      List.of("--server.address=127.0.0.1", "--server.port=0");

  private static final int TIMEOUT_MILLIS = 60_000;

  private static final String CHAT =
      """
      {"max_tokens": 2, "messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,%s"}},
        {"type": "text", "text": "What is it?"}]}]}
      """;

  private ArchiveRun() {}

  /**
   * Runs it.
   *
   * @param arguments a picture in PNG format, then settings of the server
   * @throws IOException if the server does not answer
   */
  public static void main(String[] arguments) throws IOException {
    Path picture = Path.of(arguments[0]);
    List<String> settings = new ArrayList<>(SETTINGS);
    settings.addAll(List.of(arguments).subList(1, arguments.length));
    try (ConfigurableApplicationContext server =
        SpringApplication.run(SquintServer.class, settings.toArray(String[]::new))) {
      URI address = URI.create(ServerAddress.of(server.getEnvironment()));
      read(connection(address, "/health"));
      HttpURLConnection chat = connection(address, "/v1/chat/completions");
      chat.setRequestProperty("Content-Type", "application/json");
      chat.setDoOutput(true);
      String encoded = Base64.getEncoder().encodeToString(Files.readAllBytes(picture));
      try (OutputStream body = chat.getOutputStream()) {
        body.write(CHAT.formatted(encoded).getBytes(StandardCharsets.UTF_8));
      }
      read(chat);
    }
  }

  private static HttpURLConnection connection(URI address, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) address.resolve(path).toURL().openConnection();
    connection.setReadTimeout(TIMEOUT_MILLIS); // the launcher waits for this run
    return connection;
  }

  /** Reads a response; fails unless its status is a success. */
  private static void read(HttpURLConnection connection) throws IOException {
    try (var body = connection.getInputStream()) {
      body.readAllBytes();
    }
  }
}
