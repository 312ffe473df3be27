package dev.squint.llm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.llm.chat.ChatTemplate;
import dev.squint.llm.chat.Message;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Tokenizer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The tokens at which a model's answer ends: the union of what all files of a package name. */
final class StopTokens {

  private StopTokens() {}

  static Set<Long> of(ModelPackage model, Tokenizer tokenizer, ChatTemplate template) {
    Set<Long> ids = new TreeSet<>();
    addIds(model.generationConfig().path("eos_token_id"), ids);
    model.specialToken("eos_token").ifPresent(token -> tokenizer.id(token).ifPresent(ids::add));
    addTemplateEnd(tokenizer, template, ids);
    if (ids.isEmpty()) {
      addIds(model.config().path("eos_token_id"), ids);
      addIds(model.config().path("text_config").path("eos_token_id"), ids);
    }
    if (ids.isEmpty()) {
      throw model.broken(
          "generation_config.json",
          "names no eos_token_id, nor does any other file: when to stop?");
    }
    return Set.copyOf(ids);
  }

  private static void addIds(JsonNode node, Set<Long> ids) {
    if (node.isIntegralNumber()) {
      ids.add(node.asLong());
    }
    node.forEach(id -> ids.add(id.asLong()));
  }

  // What the template writes after an assistant's turn is what the model was taught to write.
  private static void addTemplateEnd(Tokenizer tokenizer, ChatTemplate template, Set<Long> ids) {
    String answer = "squint answer";
    String written;
    try {
      written = template.renderFinished(List.of(Message.user("?"), Message.assistant(answer)));
    } catch (IllegalArgumentException refused) {
      return;
    }
    String after = written.substring(written.lastIndexOf(answer) + answer.length());
    long[] tokens = tokenizer.encode(after, false);
    if (tokens.length > 0 && tokenizer.isSpecial(tokens[0])) {
      ids.add(tokens[0]);
    }
  }
}
