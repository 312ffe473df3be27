package dev.squint.llm.chat;

import com.hubspot.jinjava.objects.SafeString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str} that chat templates call, for Java strings in Jinjava. */
final class PythonStrings extends ELResolver {

  @Override
  public @Nullable Object invoke(
      ELContext context,
      @Nullable Object base,
      @Nullable Object method,
      Class<?> @Nullable [] types,
      Object @Nullable [] params) {
    if (base == null || method == null || !isString(base)) {
      return null;
    }
    Object[] args = params == null ? new Object[0] : params;
    @Nullable Object result = call(base.toString(), method.toString(), args);
    if (result != null) {
      context.setPropertyResolved(true);
    }
    return result;
  }

  // Jinjava wraps strings that passed through a filter in its own SafeString.
  private static boolean isString(Object base) {
    return base instanceof CharSequence || base instanceof SafeString;
  }

  private static @Nullable Object call(String self, String method, Object[] args) {
    return switch (method) {
      case "upper" -> self.toUpperCase(Locale.ROOT);
      case "lower" -> self.toLowerCase(Locale.ROOT);
      case "capitalize" -> capitalize(self);
      case "title" -> title(self);
      case "strip" -> strip(self, args, true, true);
      case "lstrip" -> strip(self, args, true, false);
      case "rstrip" -> strip(self, args, false, true);
      case "startswith" -> self.startsWith(args[0].toString());
      case "endswith" -> self.endsWith(args[0].toString());
      case "replace" -> self.replace(args[0].toString(), args[1].toString());
      case "find" -> (long) self.indexOf(args[0].toString());
      case "split" -> split(self, args);
      default -> null;
    };
  }

  private static String capitalize(String self) {
    if (self.isEmpty()) {
      return self;
    }
    int first = self.offsetByCodePoints(0, 1);
    return self.substring(0, first).toUpperCase(Locale.ROOT)
        + self.substring(first).toLowerCase(Locale.ROOT);
  }

  private static String title(String self) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (int c : self.codePoints().toArray()) {
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return out.toString();
  }

  private static String strip(String self, Object[] args, boolean left, boolean right) {
    @Nullable String chars = args.length == 0 ? null : args[0].toString();
    int from = 0;
    int to = self.length();
    while (left && from < to && strips(chars, self.charAt(from))) {
      from++;
    }
    while (right && to > from && strips(chars, self.charAt(to - 1))) {
      to--;
    }
    return self.substring(from, to);
  }

  private static boolean strips(@Nullable String chars, char c) {
    return chars == null ? isPythonSpace(c) : chars.indexOf(c) >= 0;
  }

  // str.isspace also takes the no-break spaces and U+0085, which Character.isWhitespace leaves out.
  private static boolean isPythonSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  private static List<String> split(String self, Object[] args) {
    int limit = args.length > 1 ? ((Number) args[1]).intValue() : -1;
    if (args.length == 0) {
      String trimmed = strip(self, args, true, true);
      return trimmed.isEmpty() ? List.of() : Arrays.asList(trimmed.split("\\s+"));
    }
    String separator = args[0].toString();
    List<String> parts = new ArrayList<>();
    int from = 0;
    int at = self.indexOf(separator);
    while (at >= 0 && (limit < 0 || parts.size() < limit)) {
      parts.add(self.substring(from, at));
      from = at + separator.length();
      at = self.indexOf(separator, from);
    }
    parts.add(self.substring(from));
    return parts;
  }

  @Override
  public @Nullable Object getValue(
      ELContext context, @Nullable Object base, @Nullable Object property) {
    return null;
  }

  @Override
  public @Nullable Class<?> getType(
      ELContext context, @Nullable Object base, @Nullable Object property) {
    return null;
  }

  @Override
  public void setValue(
      ELContext context, @Nullable Object base, @Nullable Object property, @Nullable Object value) {
    throw new UnsupportedOperationException("templates do not change strings");
  }

  @Override
  public boolean isReadOnly(ELContext context, @Nullable Object base, @Nullable Object property) {
    return true;
  }

  @Override
  public @Nullable Iterator<java.beans.FeatureDescriptor> getFeatureDescriptors(
      ELContext context, @Nullable Object base) {
    return null;
  }

  @Override
  public @Nullable Class<?> getCommonPropertyType(ELContext context, @Nullable Object base) {
    return null;
  }
}
