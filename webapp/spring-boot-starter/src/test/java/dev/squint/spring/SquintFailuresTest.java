package dev.squint.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.squint.llm.VisionLanguageModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What a user reads whose application does not start. */
class SquintFailuresTest {

  @Test
  void aBeanThatNeedsAModel_getsTheNameOfTheSetting() {
    assertThat(started(Asks.class))
        .contains("A bean needs a VisionLanguageModel, but squint.model is not set.")
        .contains("Set squint.model to a folder");
  }

  @Test
  void aModelThatIsNotThere_getsWhatWasTriedAndWhatCanBeWritten() {
    assertThat(started(Plain.class, "--squint.model=/no/such/folder"))
        .contains("squint.model is '/no/such/folder': ", "no such folder")
        .contains("OWNER/NAME[@REVISION] on a hub, or to arch:NAME. Relative folders start at ");
    assertThat(started(Plain.class, "--squint.model="))
        .contains("squint.model is '': squint.model is empty");
    assertThat(started(Plain.class, "--squint.model=arch:gpt"))
        .contains("no architecture is called 'gpt'; there are [arch:smolvlm-256m");
  }

  @Test
  void aNameOnTheHubIsAskedFor_atTheHubOfTheSettings() throws IOException {
    HttpServer hub =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hub.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    hub.start();
    try {
      String host = "127.0.0.1:" + hub.getAddress().getPort();
      assertThat(started(Plain.class, "--squint.model=no/body", "--squint.hub=http://" + host))
          .contains("squint.model is 'no/body': " + host + " has no no/body (404 for ")
          .contains("check owner, name and revision");
    } finally {
      hub.stop(0);
    }
  }

  @Test
  void settingsThatCannotBeRead_areNamed() {
    String model = "--squint.model=../../samples/tiny-vlm/package";
    assertThat(started(Plain.class, model, "--squint.variant=q5"))
        .contains("squint.variant is 'q5': no variant is called 'q5'; there are fp32")
        .contains("Correct squint.variant.");
    assertThat(started(Plain.class, model, "--squint.device=gpu"))
        .contains("squint.device is 'gpu': no device is called 'gpu'; there are cpu, cuda")
        .contains("Correct squint.device.");
    assertThat(started(Plain.class, model, "--squint.cuts=some"))
        .contains("squint.cuts is 'some': cuts must be auto, none, every or numbers");
    assertThat(started(Plain.class, model, "--squint.plans=encoder:random(keep=0.5, seed=7)"))
        .contains("squint.plans is 'encoder:random(keep=0.5': ")
        .contains("Write each plan as one entry, squint.plans[0]=...");
    assertThat(started(Plain.class, model, "--squint.hub=ftp://x"))
        .contains("squint.hub is 'ftp://x': a hub's address is like https");
    assertThat(started(Plain.class, model, "--squint.work.encodings=0"))
        .contains("squint.work.encodings must be at least 1 but was 0");
    assertThat(started(Plain.class, model, "--squint.work.batch=0"))
        .contains("squint.work.batch must be at least 1 but was 0");
    assertThat(started(Plain.class, model, "--squint.work.prefix-cache=-1B"))
        .contains("must be 0 (none) or more but were 268435456B, -1B and 134217728B");
    assertThat(started(Plain.class, model, "--squint.onnx.threads=-1"))
        .contains("squint.onnx.threads must be 0 (automatic) or more but was -1");
  }

  /** What is printed by an application that must not start. */
  private static String started(Class<?> application, String... arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      assertThatThrownBy(
              () ->
                  new SpringApplicationBuilder(application)
                      .web(WebApplicationType.NONE)
                      .run(arguments)
                      .close())
          .isInstanceOf(RuntimeException.class);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Plain {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Asks {

    @Bean
    String answer(VisionLanguageModel model) {
      return model.model().name();
    }
  }
}
