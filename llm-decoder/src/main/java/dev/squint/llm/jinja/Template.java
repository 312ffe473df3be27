package dev.squint.llm.jinja;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A chat template that was read once and can be rendered often. Immutable and thread-safe. */
public final class Template {

  private final List<Statement> body;
  private final Names names;

  private Template(List<Statement> body) {
    this.body = body;
    this.names = Names.root();
    body.forEach(part -> part.declare(names));
    body.forEach(part -> part.enclose(names));
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if Jinja2 would not take it, or if it has a part that is not
   *     supported; the message names the line or the part
   */
  public static Template read(String source) {
    try {
      return new Template(StatementParser.read(source));
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("the template is nested too deep", e);
    }
  }

  /**
   * The text that the template makes of these variables.
   *
   * @param variables strings, numbers, booleans, null, and lists and maps of them
   * @param clock the time for {@code strftime_now}
   * @throws IllegalArgumentException if Jinja2 would raise an error, the message of {@code
   *     raise_exception} among them, or if the template asks for what is not supported or for too
   *     much work
   */
  public String render(Map<String, ? extends @Nullable Object> variables, Clock clock) {
    Map<String, Object> values = new HashMap<>();
    variables.forEach((name, value) -> values.put(name, Values.of(value)));
    Rendering run = new Rendering(values, new WorkLimit(), clock);
    StringBuilder out = new StringBuilder();
    try {
      Statement.all(body, run, TemplateScope.root(names, run), out);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("the template is nested too deep", e);
    }
    return out.toString();
  }
}
