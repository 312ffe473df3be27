package dev.squint.spark;

import dev.squint.eval.data.DataSet;
import dev.squint.eval.run.DataFinder;
import dev.squint.vision.picture.Picture;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * RowMedia of a data set of {@code squint eval}. The set is opened once in each executor, so its
 * files must be at the same path on each node.
 *
 * @param place where the set is
 */
record DataSetPictures(Place place) implements PictureSource {

  private static final long serialVersionUID = 1;

  /** Column with the names of the pictures. */
  static final String COLUMN = "pictures";

  private static final Map<Place, DataSet> OPEN = new HashMap<>();

  /**
   * Where a data set is.
   *
   * @param word name of a benchmark, or an absolute path
   * @param data folder of the benchmarks' data, empty for none
   * @param split of the benchmark, empty for its first
   */
  record Place(String word, String data, String split) implements Serializable {

    /** The finder for this place. */
    DataFinder finder() {
      return new DataFinder(data.isEmpty() ? null : Path.of(data), split);
    }
  }

  @Override
  public @Nullable Object key(Row row) {
    return row.getList(row.fieldIndex(COLUMN));
  }

  @Override
  public RowMedia read(Row row, Configuration hadoop) {
    List<String> names = row.getList(row.fieldIndex(COLUMN));
    DataSet set = open(place);
    List<Picture> pictures = names.stream().map(name -> set.pictures().read(name)).toList();
    return RowMedia.of(pictures);
  }

  // A set stays open until the executor ends: pictures are read as long as there are rows.
  @SuppressWarnings("MustBeClosedChecker")
  private static DataSet open(Place place) {
    synchronized (OPEN) {
      return OPEN.computeIfAbsent(place, wanted -> wanted.finder().find(wanted.word()).set());
    }
  }
}
