package dev.squint.webapp.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.plan.MethodCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page's texts in both languages; the English ones of methods are those of the catalogue. */
class MethodTextsTest {

  private static final Path TEXTS = Path.of("src/main/resources/static/texts");
  private static final Pattern KEY =
      Pattern.compile("^ {2}(?:'([^']+)'|(\\w+)):", Pattern.MULTILINE);
  private static final String OF_METHOD = "method.";

  private static List<String> keys(String language) throws IOException {
    Matcher keys = KEY.matcher(Files.readString(TEXTS.resolve(language + ".js")));
    return keys.results()
        .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
        .toList();
  }

  @Test
  void everyText_isInBothLanguages() throws IOException {
    assertThat(keys("de").stream().filter(key -> !key.startsWith(OF_METHOD)))
        .hasSizeGreaterThan(200)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(keys("en"));
  }

  /** As {@code sentenceOf} of {@code methods.js} finds them. */
  @Test
  void everyMethodOfTheCatalogue_hasAGermanText() throws IOException {
    List<String> methods =
        MethodCatalogue.all().methods().stream()
            .map(
                method ->
                    OF_METHOD
                        + method.pointNames().get(0).replaceAll("K$", "")
                        + "."
                        + method.name())
            .toList();

    assertThat(keys("de").stream().filter(key -> key.startsWith(OF_METHOD)))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(methods);
  }
}
