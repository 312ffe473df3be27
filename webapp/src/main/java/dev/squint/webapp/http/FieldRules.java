package dev.squint.webapp.http;

import dev.squint.pruner.plan.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;

/**
 * The fields that a JSON object may have. A field is known, ignored because it does not change an
 * answer, or unsupported. An unsupported field is accepted only with the value that means nothing,
 * such as a penalty of 0. Fields that are null count as absent.
 */
public final class FieldRules {

  private static final int LONGEST_NAME = 80;

  private final Map<String, Rule> rules = new LinkedHashMap<>();

  private FieldRules() {}

  private record Rule(Predicate<JsonNode> accepted, String advice, List<FieldRules> inside) {}

  /** No fields yet. */
  public static FieldRules none() {
    return new FieldRules();
  }

  /** Fields that are read. */
  public FieldRules known(String... names) {
    for (String name : names) {
      rules.put(name, new Rule(value -> true, "", List.of()));
    }
    return this;
  }

  /** Fields that do not change an answer. */
  public FieldRules ignored(String... names) {
    return known(names);
  }

  /** A field with an object, or a list of objects, that has fields of its own. */
  public FieldRules object(String name, FieldRules inside) {
    rules.put(name, new Rule(value -> true, "", List.of(inside)));
    return this;
  }

  /**
   * A field that is not supported.
   *
   * @param accepted whether a value means the same as no field
   * @param advice what to do
   */
  public FieldRules unsupported(String name, Predicate<JsonNode> accepted, String advice) {
    rules.put(name, new Rule(accepted, advice, List.of()));
    return this;
  }

  /** Accepts a number only. */
  public static Predicate<JsonNode> number(double neutral) {
    return value -> value.isNumber() && value.doubleValue() == neutral;
  }

  /** Accepts false, and a list or object without content. */
  public static Predicate<JsonNode> nothing() {
    return value ->
        value.isContainer() ? value.isEmpty() : value.isBoolean() && !value.booleanValue();
  }

  /** Accepts one of some texts. */
  public static Predicate<JsonNode> text(String... texts) {
    return value -> value.isString() && List.of(texts).contains(value.stringValue());
  }

  /**
   * Checks an object.
   *
   * @param path where it stands in the body; empty for the body itself
   * @throws ApiException naming the first field that is not accepted
   */
  public void check(JsonNode object, String path) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String param = path.isEmpty() ? shown(field.getKey()) : path + "." + shown(field.getKey());
      Rule rule = rules.get(field.getKey());
      if (field.getValue().isNull()) {
        continue;
      }
      if (rule == null) {
        throw unknown(field.getKey(), param);
      }
      if (!rule.accepted().test(field.getValue())) {
        throw new ApiException(
            HttpStatus.BAD_REQUEST,
            "unsupported_value",
            param,
            "%s is not supported: %s".formatted(param, rule.advice()));
      }
      rule.inside().forEach(inside -> inside.checkAll(field.getValue(), param));
    }
  }

  private void checkAll(JsonNode value, String path) {
    if (value.isObject()) {
      check(value, path);
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        checkAll(value.get(i), "%s[%d]".formatted(path, i));
      }
    }
  }

  private ApiException unknown(String name, String param) {
    List<String> names = new ArrayList<>(rules.keySet());
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "unknown_field",
        param,
        "there is no field %s%s; known are %s"
            .formatted(param, Suggestion.of(name, names), String.join(", ", names)));
  }

  private static String shown(String name) {
    String line = name.replaceAll("\\p{Cntrl}", " ").strip();
    return line.length() <= LONGEST_NAME ? line : line.substring(0, LONGEST_NAME) + "...";
  }
}
