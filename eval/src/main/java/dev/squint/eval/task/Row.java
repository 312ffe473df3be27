package dev.squint.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One row of a benchmark's file.
 *
 * @param node its fields
 */
record Row(ObjectNode node) {

  private static final Pattern FIELD = Pattern.compile("\\{([^{}:]+)(?::0(\\d+)|:(name))?}");

  /**
   * Returns the text of a field, or a text with its fields replaced; empty if a single field is
   * missing. {@code {field:012}} pads with zeros, {@code {field:name}} drops the folders of a path.
   */
  String text(String expression) {
    if (expression.indexOf('{') < 0) {
      return plain(value(expression));
    }
    Matcher matcher = FIELD.matcher(expression);
    StringBuilder text = new StringBuilder();
    while (matcher.find()) {
      String value = plain(value(matcher.group(1)));
      String width = matcher.group(2);
      if (width != null) {
        value = "0".repeat(Math.max(0, Integer.parseInt(width) - value.length())) + value;
      }
      if (matcher.group(3) != null) {
        value = value.substring(value.lastIndexOf('/') + 1);
      }
      matcher.appendReplacement(text, Matcher.quoteReplacement(value));
    }
    return matcher.appendTail(text).toString();
  }

  /**
   * Returns all texts of a field: one, an array's elements, a field of an array's objects, or with
   * {@code name_*} those of all fields with this prefix, in the order of the fields.
   */
  List<String> texts(String expression) {
    if (expression.endsWith("*")) {
      String prefix = expression.substring(0, expression.length() - 1);
      return node.properties().stream()
          .map(Map.Entry::getKey)
          .filter(field -> field.startsWith(prefix))
          .sorted()
          .flatMap(field -> texts(field).stream())
          .toList();
    }
    int each = expression.indexOf("[].");
    JsonNode value = each < 0 ? value(expression) : value(expression.substring(0, each));
    List<String> texts = new ArrayList<>();
    if (expression.indexOf('{') >= 0) {
      texts.add(text(expression));
    } else if (value.isArray()) {
      for (JsonNode element : value) {
        texts.add(plain(each < 0 ? element : element.path(expression.substring(each + 3))));
      }
    } else if (has(expression)) {
      texts.add(plain(value));
    }
    return texts;
  }

  /** Whether a field exists and is not empty. */
  boolean has(String field) {
    return !plain(value(field)).isEmpty() || value(field).isArray();
  }

  private JsonNode value(String field) {
    JsonNode value = node.path(field);
    if (!value.isMissingNode()) {
      return value;
    }
    value = node;
    for (String part : field.split("\\.", -1)) {
      value = value.path(part);
    }
    return value;
  }

  private static String plain(JsonNode value) {
    return value.isNull() || value.isMissingNode() ? "" : value.asText();
  }
}
