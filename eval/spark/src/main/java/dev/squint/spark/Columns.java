package dev.squint.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Checks of a dataset's columns. */
final class Columns {

  private Columns() {}

  /**
   * The schema with one more column.
   *
   * @param param the parameter that names the column
   * @throws IllegalArgumentException if a column has the name already
   */
  static StructType added(StructType schema, String column, String param, DataType type) {
    // Spark resolves names without regard to case.
    if (Arrays.stream(schema.fieldNames()).anyMatch(column::equalsIgnoreCase)) {
      throw new IllegalArgumentException(
          "the dataset already has a column '%s'; choose another %s".formatted(column, param));
    }
    return schema.add(column, type);
  }

  /**
   * Checks that a column is there and of an allowed type; files may be in structs or arrays too.
   *
   * @throws IllegalArgumentException if it is not
   */
  static void check(StructType schema, String column, List<DataType> allowed) {
    List<String> names = Arrays.asList(schema.fieldNames());
    if (!names.contains(column)) {
      throw new IllegalArgumentException(
          "the dataset has no column '%s' but %s".formatted(column, names));
    }
    DataType type = schema.apply(column).dataType();
    DataType element = type instanceof ArrayType array ? array.elementType() : type;
    boolean struct = element instanceof StructType && allowed.size() > 1;
    if (!struct && !allowed.contains(element)) {
      List<String> words = new ArrayList<>(allowed.stream().map(DataType::simpleString).toList());
      throw new IllegalArgumentException(
          "column '%s' is of type %s; allowed are %s%s"
              .formatted(
                  column,
                  type.simpleString(),
                  words,
                  allowed.size() > 1
                      ? ", structs with bytes or content, and arrays of these"
                      : ""));
    }
  }
}
