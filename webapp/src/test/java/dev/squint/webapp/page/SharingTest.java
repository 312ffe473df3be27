package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.options.FilePayload;
import dev.squint.webapp.RunningServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler.CompilationTask;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** What leaves the page: commands, programs, files. */
class SharingTest {

  private static final String QUESTION = "What color is the \"heart\" here, isn't it red?";

  private final RunningServer server = RunningServer.trained();

  private Visitor visitor() {
    return Visitor.of(
        server, options -> options.setPermissions(List.of("clipboard-read", "clipboard-write")));
  }

  private static String copied(Visitor visitor, String entry) {
    visitor.share(entry);
    visitor.waitForText(".toast", "Copied.");
    return (String) visitor.page.evaluate("() => navigator.clipboard.readText()");
  }

  @Test
  void curl_asksTheSame() {
    try (Visitor visitor = visitor()) {
      visitor.choosePictures("shapes.png");
      visitor.plan("encoder:divprune(keep=0.5)");
      visitor.ask(QUESTION);
      assertThat(copied(visitor, "Copy as curl"))
          .isEqualTo(
              """
              curl \\
                '%s' \\
                -F 'files=@"shapes.png"' \\
                --form-string 'question=What color is the "heart" here, isn'\\''t it red?' \\
                --form-string 'plan=encoder:divprune(keep=0.5)' \\
                --form-string 'max_tokens=256'"""
                  .formatted(server.url("/api/ask")));
      assertThat(copied(visitor, "Copy the answer"))
          .isEqualTo(visitor.find(".answer-text").textContent());
    }
  }

  @Test
  void java_compiles() {
    try (Visitor visitor = visitor()) {
      visitor.choosePictures("shapes.png");
      visitor.ask(QUESTION);
      visitor.find("#file").setInputFiles(RunningServer.CLIPS.resolve("shape-moves.mp4"));
      visitor.waitForCount(".frames .thumb", 4);
      visitor.ask("Which way\ndoes it move?");
      String program = copied(visitor, "Copy as Java");
      assertThat(program)
          .contains("Path.of(\"shapes.png\")", "Path.of(\"shape-moves.mp4\")", "\\\"heart\\\"");
      CompilationTask task =
          ToolProvider.getSystemJavaCompiler()
              .getTask(
                  null,
                  null,
                  null,
                  List.of(
                      "-proc:none", "-d", "target", "-cp", System.getProperty("java.class.path")),
                  null,
                  List.of(new Source(program)));
      assertThat(task.call()).as(program).isTrue();
    }
  }

  /** A source file in memory. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Ask.java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  @Test
  void savedConversation_opensOnAnotherPage() {
    Path file = Path.of("target", "conversation.squint.json");
    try (Visitor visitor = visitor()) {
      visitor.choosePictures("shapes.png");
      visitor.plan("encoder:divprune(keep=0.5)");
      visitor.ask("What color is the heart?");
      Download saved = visitor.page.waitForDownload(() -> visitor.share("Save the conversation"));
      saved.saveAs(file);
    }
    try (Visitor other = Visitor.of(server)) {
      other.find("#file").setInputFiles(file);
      other.waitForText(".answer-text", "red");
      other.waitForCount("#strip .thumb", 1);
      assertThat(other.find(".looked").textContent())
          .contains("72 of 144", "encoder:divprune(keep=0.5)");
      assertThat(other.find("#view-tools").isVisible()).isTrue();
      other.reload();
      assertThat(other.find(".answer-text").textContent()).isEqualTo("red");
      assertThat(other.complaints).isEmpty();
    }
  }

  @Test
  void otherFiles_areNamedAndChangeNothing() {
    try (Visitor visitor = visitor()) {
      visitor.choosePictures("shapes.png");
      visitor.ask("What color is the heart?");
      for (String text :
          List.of(
              "{",
              "{}",
              "{\"format\":\"squint-conversation\",\"version\":2}",
              "{\"format\":\"squint-conversation\",\"version\":1,\"files\":[],\"turns\":[{\"question\":\"?\"}]}")) {
        visitor
            .find("#file")
            .setInputFiles(
                new FilePayload(
                    "talk.json", "application/json", text.getBytes(StandardCharsets.UTF_8)));
        visitor.waitForText("#alert", "talk.json");
        visitor.page.evaluate("document.getElementById('alert').textContent = ''");
      }
      assertThat(visitor.find(".turn").count()).isEqualTo(1);
      assertThat(visitor.find("#strip .thumb").count()).isEqualTo(1);
    }
  }
}
