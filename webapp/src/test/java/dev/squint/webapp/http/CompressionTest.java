package dev.squint.webapp.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.webapp.RunningServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page's files come compressed, as they do from the jar of the application. */
class CompressionTest {

  private static final Path PAGE = Path.of("src/main/resources/static");

  @TempDir Path temp;

  @Test
  void filesOfTheJar_areCompressedForThoseWhoAskForIt() throws Exception {
    String jar = "jar:" + packed().toUri() + "!/static/";
    try (RunningServer server =
        RunningServer.start("--spring.web.resources.static-locations=" + jar)) {
      for (String name : List.of("index.html", "css/stage.css", "js/app.js", "texts/de.js")) {
        byte[] file = Files.readAllBytes(PAGE.resolve(name));
        HttpResponse<byte[]> small = get(server, "/" + name, "gzip");
        assertThat(small.headers().firstValue("content-encoding")).as(name).contains("gzip");
        assertThat(small.body()).as(name).hasSizeLessThan(file.length / 2);
        try (GZIPInputStream unpacked =
            new GZIPInputStream(new ByteArrayInputStream(small.body()))) {
          assertThat(unpacked.readAllBytes()).as(name).isEqualTo(file);
        }
        assertThat(get(server, "/" + name, "identity").body()).as(name).isEqualTo(file);
      }
    }
  }

  private static HttpResponse<byte[]> get(RunningServer server, String path, String coding)
      throws IOException, InterruptedException {
    return server
        .client()
        .send(
            server.request(path, "Accept-Encoding", coding).GET().build(),
            BodyHandlers.ofByteArray());
  }

  private Path packed() throws IOException {
    Path jar = temp.resolve("page.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(PAGE)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(
            new ZipEntry("static/" + PAGE.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
    return jar;
  }
}
