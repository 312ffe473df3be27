package dev.squint.llm.hub;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A package on a hub, {@code OWNER/NAME} or {@code OWNER/NAME@REVISION}.
 *
 * @param owner its owner on the hub
 * @param name its name
 * @param revision branch, tag or commit; {@code main} where none is given
 */
public record RepositoryName(String owner, String name, String revision) {

  private static final String PART = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?";
  private static final Pattern WHOLE =
      Pattern.compile("(%s)/(%s)(?:@(%s(?:/%s)*))?".formatted(PART, PART, PART, PART));

  /** Whether a text may be one: two words with a slash between. */
  public static boolean matches(String text) {
    return WHOLE.matcher(text).matches();
  }

  /**
   * Reads what {@link #toString} prints.
   *
   * @throws IllegalArgumentException saying what can be written
   */
  public static RepositoryName parse(String text) {
    Matcher matcher = WHOLE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "a package on a hub is written OWNER/NAME or OWNER/NAME@REVISION, of letters, digits, '-', '_' and '.', but was '%s'"
              .formatted(text));
    }
    String revision = matcher.group(3);
    return new RepositoryName(
        matcher.group(1), matcher.group(2), revision == null ? "main" : revision);
  }

  @Override
  public String toString() {
    return revision.equals("main")
        ? "%s/%s".formatted(owner, name)
        : "%s/%s@%s".formatted(owner, name, revision);
  }
}
