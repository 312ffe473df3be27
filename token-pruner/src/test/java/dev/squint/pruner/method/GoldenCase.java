package dev.squint.pruner.method;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squint.pruner.Matrix;
import dev.squint.testing.Closeness;
import dev.squint.testing.Tolerance;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * One case of a golden file, or an object within one. It remembers which fields were read, so that
 * none is forgotten.
 */
public final class GoldenCase {
  // What the specification of the golden files asks for. Plain Java, the same on every processor;
  // measured: 8.2e-7.
  private static final Tolerance VALUES = Tolerance.relative(1e-4);

  private final JsonNode node;
  private static final Set<String> PARTS = Set.of("params", "inputs", "outputs");

  private final Set<String> unread = new TreeSet<>();
  private final List<GoldenCase> within = new ArrayList<>();
  private boolean outside;

  GoldenCase(JsonNode node) {
    this.node = node;
    for (String part : PARTS) {
      node.path(part).fieldNames().forEachRemaining(field -> unread.add(part + "." + field));
    }
    node.fieldNames().forEachRemaining(unread::add);
    unread.removeAll(PARTS);
    unread.remove("name");
    unread.remove("inputs.note");
    unread.remove("outputs.note");
  }

  /** Fails when a field was not compared. */
  void checkEverythingWasRead() {
    assertThat(unread).as("fields of the case that no check has read").isEmpty();
    within.forEach(GoldenCase::checkEverythingWasRead);
  }

  /** An object within the case. */
  public GoldenCase part(String path) {
    GoldenCase part = new GoldenCase(at(path));
    within.add(part);
    return part;
  }

  /** A list of objects within the case. */
  public List<GoldenCase> parts(String path) {
    List<GoldenCase> parts = new ArrayList<>();
    at(path).forEach(part -> parts.add(new GoldenCase(part)));
    within.addAll(parts);
    return parts;
  }

  /** A field that says nothing to check: a description, or a property of the vector itself. */
  public void ignore(String path) {
    at(path);
  }

  /** All that the case holds is the field, and it is nothing that this project computes. */
  public void outside(String path) {
    ignore(path);
    outside = true;
  }

  /** Whether the case holds nothing that this project computes, so that nothing was compared. */
  boolean isOutside() {
    return outside;
  }

  public boolean has(String path) {
    return !find(path).isMissingNode() && !find(path).isNull();
  }

  public double number(String path) {
    assertThat(at(path).isNumber()).as(path).isTrue();
    return at(path).doubleValue();
  }

  public int integer(String path) {
    assertThat(at(path).isIntegralNumber()).as(path).isTrue();
    return at(path).intValue();
  }

  public boolean bool(String path) {
    return at(path).booleanValue();
  }

  public String text(String path) {
    return at(path).asText();
  }

  public int[] integers(String path) {
    return integers(at(path));
  }

  /** A list of lists of whole numbers. */
  public List<int[]> integerRows(String path) {
    List<int[]> rows = new ArrayList<>();
    at(path).forEach(row -> rows.add(integers(row)));
    return rows;
  }

  /** A list of lists of lists of whole numbers. */
  public List<List<int[]>> integerTables(String path) {
    List<List<int[]>> tables = new ArrayList<>();
    for (JsonNode table : at(path)) {
      List<int[]> rows = new ArrayList<>();
      table.forEach(row -> rows.add(integers(row)));
      tables.add(rows);
    }
    return tables;
  }

  public float[] floats(String path) {
    return floats(at(path));
  }

  /** A list of lists of numbers, of any lengths. */
  public List<float[]> floatRows(String path) {
    List<float[]> rows = new ArrayList<>();
    at(path).forEach(row -> rows.add(floats(row)));
    return rows;
  }

  public Matrix matrix(String path) {
    return matrix(at(path));
  }

  public List<Matrix> matrices(String path) {
    List<Matrix> matrices = new ArrayList<>();
    at(path).forEach(matrix -> matrices.add(matrix(matrix)));
    return matrices;
  }

  /** The node itself, for shapes that no other method reads. */
  public JsonNode at(String path) {
    JsonNode found = find(path);
    assertThat(found.isMissingNode()).as("%s is missing", path).isFalse();
    unread.remove(path);
    return found;
  }

  public void assertIntegers(String path, int[] actual) {
    assertThat(actual).as(path).containsExactly(integers(path));
  }

  public void assertInteger(String path, int actual) {
    assertThat(actual).as(path).isEqualTo(integer(path));
  }

  public void assertNumber(String path, double actual) {
    assertClose(path, new float[] {(float) actual}, new float[] {(float) number(path)});
  }

  public void assertFloats(String path, float[] actual) {
    assertClose(path, actual, floats(path));
  }

  public void assertMatrix(String path, Matrix actual) {
    Matrix expected = matrix(path);
    assertThat(actual.rows()).as(path).isEqualTo(expected.rows());
    assertClose(path, actual.data(), expected.data());
  }

  /** Equal within 1e-4, absolutely or relatively. */
  public static void assertClose(String what, float[] actual, float[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      Closeness.assertCloseAt(
          Math.max(1, Math.abs(expected[i])), actual[i], expected[i], VALUES, "%s[%d]", what, i);
    }
  }

  private JsonNode find(String path) {
    int dot = path.indexOf('.');
    return dot > 0 && PARTS.contains(path.substring(0, dot))
        ? node.path(path.substring(0, dot)).path(path.substring(dot + 1))
        : node.path(path);
  }

  private static int[] integers(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      assertThat(array.get(i).isIntegralNumber()).as("whole number %s", array.get(i)).isTrue();
      values[i] = array.get(i).intValue();
    }
    return values;
  }

  public static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      assertThat(array.get(i).isNumber()).as("number %s", array.get(i)).isTrue();
      // Through the decimal text, not a double: the nearest float is the tensor that was used.
      values[i] = Float.parseFloat(array.get(i).asText());
    }
    return values;
  }

  private static Matrix matrix(JsonNode rows) {
    List<float[]> values = new ArrayList<>();
    rows.forEach(row -> values.add(floats(row)));
    return Matrix.of(values.toArray(float[][]::new));
  }
}
