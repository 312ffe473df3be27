package dev.squint.pruner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A method is found in the file that has its name. */
class MethodFilesTest {

  private static final Path FOLDER = Path.of("src/main/java/dev/squint/pruner/method");

  /** What may follow a method's name in the name of its class: what the class is, or its point. */
  private static final Set<String> ENDINGS =
      Set.of("", "choice", "frames", "groups", "patches", "pruner", "tiles");

  /** The name of {@code none} says what it does not do; its class says what it does. */
  private static final String NONE = "none";

  static List<Method> methods() {
    return MethodCatalogue.all().methods();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void methodIsInTheFileOfItsName(Method method) throws IOException {
    String name = method.name().equals(NONE) ? "keepall" : method.name().replace("-", "");

    assertThat(classes())
        .as("a file of %s named after '%s'", FOLDER, method.name())
        .anyMatch(file -> isNamedAfter(file, name));
    if (!(method.action() instanceof Action.Router)) {
      String record = method.action().defaults().getClass().getSimpleName();
      assertThat(classes()).contains(record);
      assertThat(isNamedAfter(record, name)).as("%s for '%s'", record, method.name()).isTrue();
    }
  }

  @Test
  void aClassOfAnotherMethodIsNotItsFile() {
    assertThat(isNamedAfter("FastVid", "fastv")).isFalse();
    assertThat(isNamedAfter("FastV", "fastv")).isTrue();
  }

  private static boolean isNamedAfter(String file, String name) {
    String lower = file.toLowerCase(Locale.ROOT);
    return lower.startsWith(name) && ENDINGS.contains(lower.substring(name.length()));
  }

  private static Set<String> classes() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".java"))
          .map(file -> file.substring(0, file.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
