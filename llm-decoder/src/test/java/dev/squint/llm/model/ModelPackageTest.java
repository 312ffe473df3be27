package dev.squint.llm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPackageTest {

  private static final Path LLAVA = Path.of("src/test/resources/packages/llava");

  @TempDir Path folder;

  @BeforeEach
  void copyPackage() throws IOException {
    Files.createDirectories(folder.resolve("onnx"));
    try (Stream<Path> files = Files.walk(LLAVA, 1)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    for (String stem : new String[] {"vision_encoder", "embed_tokens", "decoder_model_merged"}) {
      Files.createFile(folder.resolve("onnx").resolve(stem + ".onnx"));
    }
  }

  @Test
  void package_isReadAsItLies() {
    ModelPackage model = ModelPackage.read(LLAVA);

    assertThat(model.name()).isEqualTo("llava");
    assertThat(model.modelType()).isEqualTo("llava");
    assertThat(model.processorClass()).isEqualTo("LlavaProcessor");
    assertThat(model.specialToken("image_token")).hasValue("<image>");
    assertThat(model.specialToken("fake_image_token")).isEmpty();
    assertThat(model.chatTemplate()).startsWith("{% for message in messages %}");
    assertThat(model.graph(Session.DECODER)).hasFileName("decoder_model_merged.onnx");
  }

  @Test
  void template_mayLieInThreePlaces() throws IOException {
    Files.delete(folder.resolve("chat_template.jinja"));
    write("tokenizer_config.json", "{\"chat_template\": \"from tokenizer_config\"}");
    assertThat(ModelPackage.read(folder).chatTemplate()).isEqualTo("from tokenizer_config");

    write(
        "tokenizer_config.json",
        "{\"chat_template\": [{\"name\": \"tools\", \"template\": \"a\"},"
            + " {\"name\": \"default\", \"template\": \"b\"}]}");
    assertThat(ModelPackage.read(folder).chatTemplate()).isEqualTo("b");

    write("chat_template.json", "{\"chat_template\": \"from its own file\"}");
    assertThat(ModelPackage.read(folder).chatTemplate()).isEqualTo("from its own file");
  }

  @Test
  void variants_areChosenBySessionAndElseByThePackage() throws IOException {
    Files.createFile(folder.resolve("onnx/decoder_model_merged_q4.onnx"));
    Files.createFile(folder.resolve("onnx/vision_encoder_quantized.onnx"));
    Files.delete(folder.resolve("onnx/vision_encoder.onnx"));

    ModelPackage any = ModelPackage.read(folder);
    assertThat(any.graph(Session.DECODER)).hasFileName("decoder_model_merged.onnx");
    assertThat(any.graph(Session.VISION_ENCODER)).hasFileName("vision_encoder_quantized.onnx");

    ModelPackage q4 = ModelPackage.read(folder, Variants.parse("decoder=q4"));
    assertThat(q4.graph(Session.DECODER)).hasFileName("decoder_model_merged_q4.onnx");
    assertThat(q4.graph(Session.EMBED_TOKENS)).hasFileName("embed_tokens.onnx");

    write(
        "config.json",
        "{\"model_type\": \"llava\", \"transformers.js_config\": {\"dtype\": {\"decoder_model_merged\": \"q4\"}}}");
    assertThat(ModelPackage.read(folder).graph(Session.DECODER))
        .hasFileName("decoder_model_merged_q4.onnx");
  }

  @Test
  void variantsText_isRefusedWithWhatThereIs() {
    assertThat(Variants.parse("q8").chosen())
        .isEqualTo(
            Map.of(
                Session.VISION_ENCODER, "q8", Session.EMBED_TOKENS, "q8", Session.DECODER, "q8"));
    assertThatThrownBy(() -> Variants.parse("decoder=q5"))
        .hasMessageStartingWith("no variant is called 'q5'; there are fp32, fp16, q8");
    assertThatThrownBy(() -> Variants.parse("head=q4"))
        .hasMessage("no session is called 'head'; there are vision, embed, decoder");
  }

  @Test
  void graphsMayLieInTheRoot() throws IOException {
    for (Session session : Session.values()) {
      Files.move(
          folder.resolve("onnx").resolve(session.stem() + ".onnx"),
          folder.resolve(session.stem() + ".onnx"));
    }
    Files.delete(folder.resolve("onnx"));

    assertThat(ModelPackage.read(folder).graph(Session.EMBED_TOKENS))
        .isEqualTo(folder.resolve("embed_tokens.onnx"));
  }

  @Test
  void brokenPackages_getOneLineThatNamesTheFile() throws IOException {
    assertThatThrownBy(() -> ModelPackage.read(folder.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no model package at %s: no such folder; give a folder in the Hugging Face ONNX layout"
                .formatted(folder.resolve("none")));

    Files.delete(folder.resolve("onnx/embed_tokens.onnx"));
    assertBroken("onnx/embed_tokens.onnx is missing; there are [onnx/decoder_model_merged.onnx, ");
    write("genai_config.json", "{}");
    assertBroken("onnx/embed_tokens.onnx is missing; this is an onnxruntime-genai package");
    Files.createFile(folder.resolve("onnx/embed_tokens.onnx"));

    write("generation_config.json", "{\"eos_token_id\": 2,\n \"a\" 3}");
    assertBroken("generation_config.json is not valid JSON, line 2: ");
    write("generation_config.json", "[1]");
    assertBroken("generation_config.json holds no JSON object");
    Files.delete(folder.resolve("generation_config.json"));

    Files.delete(folder.resolve("chat_template.jinja"));
    assertBroken("chat_template.jinja is missing, and neither chat_template.json nor");
    write("chat_template.jinja", "x");

    Files.delete(folder.resolve("tokenizer.json"));
    assertBroken("tokenizer.json is missing");
    write("tokenizer.json", "{\"model\": 3}");
    ModelPackage model = ModelPackage.read(folder);
    assertThatThrownBy(() -> Tokenizer.load(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "broken model package %s: tokenizer.json cannot be loaded: ".formatted(folder))
        .message()
        .doesNotContain("\n");

    Files.delete(folder.resolve("preprocessor_config.json"));
    assertBroken("preprocessor_config.json is missing");
    Files.delete(folder.resolve("config.json"));
    assertBroken("config.json is missing");
  }

  private void assertBroken(String what) {
    assertThatThrownBy(() -> ModelPackage.read(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("broken model package %s: %s".formatted(folder, what))
        .message()
        .doesNotContain("\n");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }
}
