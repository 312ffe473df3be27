package dev.squint.llm.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the chat template of a package. */
final class ChatTemplateFile {

  /** What the processor of Janus writes before a conversation. */
  private static final String INSTRUCTIONS =
      "You are a helpful language and vision assistant. "
          + "You are able to understand the visual content that the user provides, "
          + "and assist the user with a variety of tasks using natural language.";

  private ChatTemplateFile() {}

  /**
   * The template: {@code chat_template.jinja}, {@code chat_template.json}, that of the tokenizer,
   * or that of the family.
   *
   * @param processor {@code processor_config.json}, missing if there is none
   * @throws IllegalArgumentException if there is none
   */
  static String read(ModelPackage model, JsonNode processor) {
    String template = find(model);
    return processor.path("use_default_system_prompt").asBoolean(false)
        ? "{{ '" + INSTRUCTIONS + "\\n\\n' }}" + template
        : template;
  }

  private static String find(ModelPackage model) {
    Path jinja = model.folder().resolve("chat_template.jinja");
    if (Files.isRegularFile(jinja)) {
      try {
        return Files.readString(jinja);
      } catch (IOException e) {
        throw model.broken("chat_template.jinja", "cannot be read: " + e.getMessage());
      }
    }
    JsonNode template = model.object("chat_template.json", false).path("chat_template");
    if (template.isMissingNode()) {
      template = model.tokenizerConfig().path("chat_template");
    }
    if (template.isTextual()) {
      return template.asText();
    }
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        return named.path("template").asText();
      }
    }
    if (model.family().chatTemplate().isPresent()) {
      return model.family().chatTemplate().get();
    }
    throw model.broken(
        "chat_template.jinja",
        "is missing, and neither chat_template.json nor tokenizer_config.json has one");
  }
}
