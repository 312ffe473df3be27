package dev.squint.llm.chat;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.el.TruthyTypeConverter;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.objects.date.StrftimeFormatter;
import dev.squint.llm.chat.Content.Image;
import dev.squint.llm.chat.Content.Text;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import jinjava.de.odysseus.el.ExpressionFactoryImpl;
import jinjava.de.odysseus.el.tree.TreeBuilder;
import jinjava.javax.el.CompositeELResolver;
import jinjava.javax.el.ExpressionFactory;

/**
 * A model package's chat template: messages to the one text that the model was trained on.
 *
 * <p>Renders as transformers does with Jinja2 ({@code trim_blocks} and {@code lstrip_blocks} on).
 * Templates come with a model and are not trusted: they cannot read files or call Java methods
 * beyond those of strings and collections.
 *
 * <p>Immutable and thread-safe.
 */
public final class ChatTemplate {

  private static final String PROBE = "squint probe";

  private final String source;
  private final String imageToken;
  private final Map<String, String> specialTokens;
  private final Engine engine = new Engine();
  private final boolean takesContentLists;

  /**
   * Reads a template.
   *
   * @param source the Jinja text
   * @param imageToken the text that stands for a picture, written before the text where the
   *     template knows plain strings only
   * @param specialTokens what the template may name: {@code bos_token}, {@code eos_token}, ...
   * @throws IllegalArgumentException if Jinja cannot read it, or it does not write what users say
   */
  public ChatTemplate(String source, String imageToken, Map<String, String> specialTokens) {
    this.source = source;
    this.imageToken = imageToken;
    this.specialTokens = Map.copyOf(specialTokens);
    this.takesContentLists = takesContentLists();
  }

  /**
   * The conversation as text, pictures as the model's placeholder, ready for the model's answer.
   *
   * @throws IllegalArgumentException if the template refuses the conversation; the message is the
   *     template's own
   */
  public String render(List<Message> messages) {
    return render(asJinja(messages), true);
  }

  /**
   * The conversation as text that ends with its last message.
   *
   * @throws IllegalArgumentException if the template refuses the conversation
   */
  public String renderFinished(List<Message> messages) {
    return render(asJinja(messages), false);
  }

  /** Whether a video is written as this placeholder. */
  public boolean writesVideos(String placeholder) {
    if (!takesContentLists) {
      return false;
    }
    try {
      return renderUser(List.of(Map.of("type", "video"), Map.of("type", "text", "text", PROBE)))
          .contains(placeholder);
    } catch (IllegalArgumentException refused) {
      return false;
    }
  }

  private List<Object> asJinja(List<Message> messages) {
    List<Object> list = new ArrayList<>();
    for (Message message : messages) {
      Object content =
          takesContentLists ? contentList(message.content()) : plainText(message.content());
      list.add(Map.of("role", message.role(), "content", content));
    }
    return list;
  }

  /** Renders messages given as Jinja sees them: maps of role and content. */
  String render(List<Object> messages, boolean addGenerationPrompt) {
    Map<String, Object> variables = new HashMap<>(specialTokens);
    variables.put("messages", messages);
    variables.put("add_generation_prompt", addGenerationPrompt);
    RenderResult result;
    try {
      result = engine.renderForResult(source, variables);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("the chat template cannot be read: " + e.getMessage(), e);
    }
    for (TemplateError error : result.getErrors()) {
      if (error.getSeverity() == TemplateError.ErrorType.FATAL) {
        throw new IllegalArgumentException("the chat template says: " + rootMessage(error));
      }
    }
    return result.getOutput();
  }

  private static String rootMessage(TemplateError error) {
    Throwable cause = error.getException();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause != null && cause.getMessage() != null ? cause.getMessage() : error.getMessage();
  }

  private static List<Map<String, String>> contentList(List<Content> content) {
    List<Map<String, String>> list = new ArrayList<>();
    for (Content piece : content) {
      if (piece instanceof Text text) {
        list.add(Map.of("type", "text", "text", text.text()));
      } else {
        list.add(Map.of("type", piece instanceof Content.Frames ? "video" : "image"));
      }
    }
    return list;
  }

  private String plainText(List<Content> content) {
    StringBuilder pictures = new StringBuilder();
    StringBuilder words = new StringBuilder();
    for (Content piece : content) {
      if (piece instanceof Text text) {
        words.append(text.text());
      } else if (piece instanceof Image) {
        pictures.append(imageToken).append('\n');
      }
    }
    return pictures.append(words).toString();
  }

  // Older templates concatenate message['content']. Python would refuse a list there, Jinjava
  // prints
  // it, so only the printed list distinguishes them.
  private boolean takesContentLists() {
    String refusal = "it leaves out what the user says";
    try {
      String written = renderUser(List.of(Map.of("type", "text", "text", PROBE)));
      if (written.contains(PROBE) && !written.contains("text=" + PROBE)) {
        return true;
      }
    } catch (IllegalArgumentException refused) {
      refusal = String.valueOf(refused.getMessage());
    }
    try {
      if (renderUser(PROBE).contains(PROBE)) {
        return false;
      }
    } catch (IllegalArgumentException refused) {
      refusal = String.valueOf(refused.getMessage());
    }
    throw new IllegalArgumentException(refusal);
  }

  private String renderUser(Object content) {
    return render(List.of(Map.of("role", "user", "content", content)), true);
  }

  /** Stops rendering with the template's own message; called from templates. */
  public static String raiseException(String message) {
    throw new IllegalArgumentException(message);
  }

  /** The time now in a format of C's strftime; called from templates. */
  public static String strftimeNow(String format) {
    return StrftimeFormatter.format(ZonedDateTime.now(ZoneId.systemDefault()), format);
  }

  /** Jinjava as chat templates need it. */
  private static final class Engine extends Jinjava {

    private final ExpressionFactory expressions;

    Engine() {
      super(configuration());
      Properties properties = new Properties();
      properties.setProperty(TreeBuilder.class.getName(), PythonSyntax.class.getName());
      expressions = new ExpressionFactoryImpl(properties, new TruthyTypeConverter());
      registerTag(new GenerationTag());
      registerFunction(function("raise_exception", "raiseException"));
      registerFunction(function("strftime_now", "strftimeNow"));
    }

    private static ELFunctionDefinition function(String name, String method) {
      return new ELFunctionDefinition("", name, ChatTemplate.class, method, String.class);
    }

    private static JinjavaConfig configuration() {
      CompositeELResolver resolver = new CompositeELResolver();
      resolver.add(new PythonStrings());
      resolver.add(JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY);
      return JinjavaConfig.newBuilder()
          .withTrimBlocks(true)
          .withLstripBlocks(true)
          .withNestedInterpretationEnabled(false)
          .withElResolver(resolver)
          .withDisabled(Map.of(Library.TAG, Set.of("include", "import", "from", "extends")))
          .withLegacyOverrides(
              LegacyOverrides.newBuilder()
                  .withEvaluateMapKeys(true)
                  .withIterateOverMapKeys(true)
                  .withUsePyishObjectMapper(true)
                  .withUseNaturalOperatorPrecedence(true)
                  .withParseWhitespaceControlStrictly(true)
                  .withAllowAdjacentTextNodes(true)
                  .withUseTrimmingForNotesAndExpressions(true)
                  .withKeepNullableLoopValues(true)
                  .build())
          .build();
    }

    @Override
    public ExpressionFactory getExpressionFactory() {
      // The constructor of Jinjava runs before the field is set and asks for nothing.
      return expressions;
    }
  }
}
