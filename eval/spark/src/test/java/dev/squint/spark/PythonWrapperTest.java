package dev.squint.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.junit.jupiter.api.Test;

/**
 * PySpark is not part of the build, so its contract with the wrapper is checked: names and types.
 */
class PythonWrapperTest {

  private static final Pattern PARAM =
      Pattern.compile(
          "(\\w+) = Param\\(.*?\"(\\w+)\",.*?TypeConverters\\.(\\w+)\\)", Pattern.DOTALL);

  private final String source = read();

  private static String read() {
    try {
      return Files.readString(Path.of("src/main/python/squint_spark.py"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String converter(Param<?> param) {
    if (param instanceof StringArrayParam) {
      return "toListString";
    }
    return param instanceof IntParam
        ? "toInt"
        : param instanceof BooleanParam ? "toBoolean" : "toString";
  }

  @Test
  void theWrapper_hasTheParametersOfTheClass() {
    Map<String, String> expected = new TreeMap<>();
    Arrays.stream(new SquintTransformer().params())
        .forEach(param -> expected.put(param.name(), converter(param)));
    Map<String, String> found = new TreeMap<>();
    for (Matcher each = PARAM.matcher(source); each.find(); ) {
      assertThat(each.group(2)).isEqualTo(each.group(1));
      found.put(each.group(1), each.group(3));
    }
    assertThat(found).isEqualTo(expected);
    assertThat(source).contains("\"" + SquintTransformer.class.getName() + "\"");
    assertThat(source).contains("\"" + SquintTransformer.class.getPackageName() + "\"");
    assertThat(expected.keySet()).allSatisfy(name -> assertThat(source).contains(name + "=None"));
  }
}
