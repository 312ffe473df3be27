package dev.squint.llm.chat;

import dev.squint.llm.chat.Content.Image;
import dev.squint.llm.chat.Content.Text;
import dev.squint.llm.jinja.Template;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A model package's chat template: messages to the one text that the model was trained on, as
 * transformers' {@code apply_chat_template} renders it.
 *
 * <p>Templates differ in what they take as a message's content, a string or a list of parts, and
 * some want one for one role and the other for another. Each role gets what it writes without an
 * error and without printing a list.
 *
 * <p>Immutable and thread-safe.
 */
public final class ChatTemplate {

  private static final String PROBE = "squint probe";
  private static final String PRINTED_LIST = "'text': '" + PROBE + "'";

  private final Template template;
  private final String imageToken;
  private final Map<String, String> specialTokens;

  /** Roles that are given a list of parts. */
  private final Set<String> listRoles = new HashSet<>();

  /**
   * Reads a template.
   *
   * @param source the Jinja text
   * @param imageToken the text that stands for a picture, written before the text where the
   *     template takes strings
   * @param specialTokens what the template may name: {@code bos_token}, {@code eos_token}, ...
   * @throws IllegalArgumentException if Jinja2 cannot read it, if it uses what {@link Template}
   *     does not support, or if it does not write what users say
   */
  public ChatTemplate(String source, String imageToken, Map<String, String> specialTokens) {
    try {
      this.template = Template.read(source);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the chat template cannot be read: " + e.getMessage(), e);
    }
    this.imageToken = imageToken;
    this.specialTokens = Map.copyOf(specialTokens);
    Map<String, Object> question = Map.of("role", "user", "content", "?");
    boolean lists = takesLists("user", List.of(), List.of());
    Object user = lists ? Map.of("role", "user", "content", parts("?")) : question;
    decide("system", List.of(), List.of(user), lists);
    decide("assistant", List.of(user), List.of(user), lists);
  }

  private boolean takesLists(String role, List<Object> before, List<Object> after) {
    String refusal = "it leaves out what the user says";
    for (boolean list : new boolean[] {true, false}) {
      try {
        if (writes(role, list, before, after)) {
          if (list) {
            listRoles.add(role);
          }
          return list;
        }
      } catch (IllegalArgumentException refused) {
        refusal = String.valueOf(refused.getMessage());
      }
    }
    throw new IllegalArgumentException(refusal);
  }

  // A role that the template does not take, or does not write, is given what users are.
  private void decide(String role, List<Object> before, List<Object> after, boolean lists) {
    boolean takes = lists;
    try {
      takes = takesLists(role, before, after);
    } catch (IllegalArgumentException refused) {
      takes = lists;
    }
    if (takes) {
      listRoles.add(role);
    }
  }

  private boolean writes(String role, boolean list, List<Object> before, List<Object> after) {
    List<Object> messages = new ArrayList<>(before);
    messages.add(Map.of("role", role, "content", list ? parts(PROBE) : PROBE));
    messages.addAll(after);
    String written = render(messages, true);
    return written.contains(PROBE) && !written.contains(PRINTED_LIST);
  }

  private static List<Object> parts(String text) {
    return List.of(Map.of("type", "text", "text", text));
  }

  /**
   * The conversation as text, pictures as the model's placeholder, ready for the model's answer.
   *
   * @throws IllegalArgumentException if the template refuses the conversation; the message is the
   *     template's own
   */
  public String render(List<Message> messages) {
    return render(asJinja(messages, text -> text), true);
  }

  /**
   * The same, in which nothing that the messages say acts as a special token.
   *
   * @param special the texts of special tokens
   * @throws IllegalArgumentException if the template refuses the conversation
   */
  public Written write(List<Message> messages, SpecialTexts special) {
    List<String> texts =
        messages.stream()
            .flatMap(message -> message.content().stream())
            .filter(Text.class::isInstance)
            .map(piece -> ((Text) piece).text())
            .toList();
    return special.guarded(texts, change -> render(asJinja(messages, change), true));
  }

  /** A short conversation as the template writes it, for what stands around its turns. */
  public String turns() {
    Message user = Message.user("?");
    return finishedOrNothing(List.of(user)) + finishedOrNothing(List.of(Message.system("!"), user));
  }

  // Not every template takes instructions.
  private String finishedOrNothing(List<Message> messages) {
    try {
      return renderFinished(messages);
    } catch (IllegalArgumentException refused) {
      return "";
    }
  }

  /**
   * The conversation as text that ends with its last message.
   *
   * @throws IllegalArgumentException if the template refuses the conversation
   */
  public String renderFinished(List<Message> messages) {
    return render(asJinja(messages, text -> text), false);
  }

  /** Whether a video is written as this placeholder. */
  public boolean writesVideos(String placeholder) {
    if (!listRoles.contains("user")) {
      return false;
    }
    List<Object> content = List.of(Map.of("type", "video"), Map.of("type", "text", "text", PROBE));
    try {
      return render(List.of(Map.of("role", "user", "content", content)), true)
          .contains(placeholder);
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }

  private List<Object> asJinja(List<Message> messages, UnaryOperator<String> change) {
    List<Object> list = new ArrayList<>();
    for (Message message : messages) {
      boolean lists =
          listRoles.contains(message.role())
              || (listRoles.contains("user")
                  && !message.role().equals("system")
                  && !message.role().equals("assistant"));
      Object content =
          lists ? contentList(message.content(), change) : plainText(message.content(), change);
      list.add(inOrder("role", message.role(), "content", content));
    }
    return list;
  }

  /** Renders messages given as Jinja sees them: maps of role and content. */
  String render(List<Object> messages, boolean addGenerationPrompt) {
    Map<String, @Nullable Object> variables = new HashMap<>(specialTokens);
    variables.put("messages", messages);
    variables.put("tools", null);
    variables.put("documents", null);
    variables.put("add_generation_prompt", addGenerationPrompt);
    try {
      return template.render(variables, Clock.system(ZoneId.systemDefault()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the chat template says: " + e.getMessage(), e);
    }
  }

  private static List<Map<String, Object>> contentList(
      List<Content> content, UnaryOperator<String> change) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Content piece : content) {
      if (piece instanceof Text text) {
        list.add(inOrder("type", "text", "text", change.apply(text.text())));
      } else {
        list.add(Map.of("type", piece instanceof Content.Frames ? "video" : "image"));
      }
    }
    return list;
  }

  private String plainText(List<Content> content, UnaryOperator<String> change) {
    StringBuilder pictures = new StringBuilder();
    StringBuilder words = new StringBuilder();
    for (Content piece : content) {
      if (piece instanceof Text text) {
        words.append(change.apply(text.text()));
      } else if (piece instanceof Image) {
        pictures.append(imageToken).append('\n');
      }
    }
    return pictures.append(words).toString();
  }

  /** A map in this order, which templates can print. */
  private static Map<String, Object> inOrder(
      String first, Object firstValue, String second, Object secondValue) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(first, firstValue);
    map.put(second, secondValue);
    return map;
  }
}
