package dev.squint.vision.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The items of a HEIF file: the tables of its {@code meta} box (ISO/IEC 14496-12, 8.11). */
final class HeifItems {

  /** More than any file has; tables of hostile files promise billions. */
  private static final int MAX_ENTRIES = 1 << 16;

  private static final int FULL_BOX = 4;

  private final ByteSource bytes;
  private final Map<Long, String> types = new LinkedHashMap<>();
  private final Map<Long, List<Extent>> data = new LinkedHashMap<>();
  private final Map<Long, List<IsoBox>> properties = new LinkedHashMap<>();
  private final Map<String, Map<Long, List<Long>>> references = new LinkedHashMap<>();
  private final long primary;

  HeifItems(ByteSource bytes, IsoBox meta) {
    this.bytes = bytes;
    List<IsoBox> boxes = meta.children(bytes, FULL_BOX);
    IsoBox item = IsoBox.first(boxes, "pitm");
    primary = item == null ? -1 : bytes.bigEndian(item.at() + FULL_BOX, wide(item, 1) ? 4 : 2);
    IsoBox information = IsoBox.first(boxes, "iinf");
    if (information != null) {
      readTypes(information);
    }
    IsoBox locations = IsoBox.first(boxes, "iloc");
    IsoBox own = IsoBox.first(boxes, "idat");
    if (locations != null) {
      readLocations(locations, own == null ? 0 : own.at());
    }
    IsoBox all = IsoBox.first(boxes, "iprp");
    if (all != null) {
      readProperties(all.children(bytes, 0));
    }
    IsoBox links = IsoBox.first(boxes, "iref");
    if (links != null) {
      readReferences(links);
    }
  }

  /** Number of the picture that is shown, -1 if there is none. */
  long primary() {
    return primary;
  }

  /** Type of an item: four letters, empty if there is none. */
  String type(long item) {
    return types.getOrDefault(item, "");
  }

  /** Where the data of an item are. */
  List<Extent> data(long item) {
    return data.getOrDefault(item, List.of());
  }

  /** The properties of an item, in their order. */
  List<IsoBox> properties(long item) {
    return properties.getOrDefault(item, List.of());
  }

  @Nullable IsoBox property(long item, String type) {
    return IsoBox.first(properties(item), type);
  }

  /** The items that an item refers to. */
  List<Long> references(String type, long from) {
    return references.getOrDefault(type, Map.of()).getOrDefault(from, List.of());
  }

  /** The items that refer to an item. */
  List<Long> referring(String type, long to) {
    return references.getOrDefault(type, Map.of()).entrySet().stream()
        .filter(entry -> entry.getValue().contains(to))
        .map(Map.Entry::getKey)
        .toList();
  }

  private boolean wide(IsoBox box, int fromVersion) {
    return bytes.u8(box.at()) >= fromVersion;
  }

  private void readTypes(IsoBox information) {
    int count = wide(information, 1) ? 4 : 2;
    for (IsoBox entry : information.children(bytes, FULL_BOX + count)) {
      int version = bytes.u8(entry.at());
      int idBytes = version >= 3 ? 4 : 2;
      if (entry.type().equals("infe") && version >= 2 && types.size() < MAX_ENTRIES) {
        types.put(
            bytes.bigEndian(entry.at() + FULL_BOX, idBytes),
            bytes.letters(entry.at() + FULL_BOX + idBytes + 2, 4));
      }
    }
  }

  private void readLocations(IsoBox box, long ownData) {
    int version = bytes.u8(box.at());
    Cursor cursor = new Cursor(bytes, box.at() + FULL_BOX, box.end());
    int sizes = (int) cursor.next(2);
    int offsetBytes = sizes >> 12 & 15;
    int lengthBytes = sizes >> 8 & 15;
    int baseBytes = sizes >> 4 & 15;
    int indexBytes = version >= 1 ? sizes & 15 : 0;
    long items = cursor.next(version >= 2 ? 4 : 2);
    for (long i = 0; i < Math.min(items, MAX_ENTRIES) && cursor.inside(); i++) {
      long id = cursor.next(version >= 2 ? 4 : 2);
      long method = version >= 1 ? cursor.next(2) & 15 : 0;
      cursor.next(2);
      long base = cursor.next(baseBytes) + (method == 1 ? ownData : 0);
      long extents = cursor.next(2);
      List<Extent> parts = new ArrayList<>();
      for (long k = 0; k < extents && cursor.inside(); k++) {
        cursor.next(indexBytes);
        long at = base + cursor.next(offsetBytes);
        long length = cursor.next(lengthBytes);
        // No length means up to the end of the file.
        parts.add(new Extent(at, length == 0 ? Math.max(0, bytes.length() - at) : length));
      }
      // Other methods refer to other files or items.
      data.putIfAbsent(id, method <= 1 ? parts : List.of());
    }
  }

  private void readProperties(List<IsoBox> boxes) {
    IsoBox container = IsoBox.first(boxes, "ipco");
    List<IsoBox> values = container == null ? List.of() : container.children(bytes, 0);
    for (IsoBox box : boxes) {
      if (!box.type().equals("ipma")) {
        continue;
      }
      boolean wideIndex = (bytes.u8(box.at() + 3) & 1) != 0;
      Cursor cursor = new Cursor(bytes, box.at() + FULL_BOX, box.end());
      long items = cursor.next(4);
      for (long i = 0; i < Math.min(items, MAX_ENTRIES) && cursor.inside(); i++) {
        long id = cursor.next(wide(box, 1) ? 4 : 2);
        long count = cursor.next(1);
        List<IsoBox> own = properties.computeIfAbsent(id, none -> new ArrayList<>());
        for (long k = 0; k < count && cursor.inside(); k++) {
          int index = (int) (wideIndex ? cursor.next(2) & 0x7fff : cursor.next(1) & 0x7f);
          if (index >= 1 && index <= values.size()) {
            own.add(values.get(index - 1));
          }
        }
      }
    }
  }

  private void readReferences(IsoBox box) {
    int idBytes = wide(box, 1) ? 4 : 2;
    for (IsoBox reference : box.children(bytes, FULL_BOX)) {
      Cursor cursor = new Cursor(bytes, reference.at(), reference.end());
      long from = cursor.next(idBytes);
      long count = cursor.next(2);
      List<Long> to =
          references
              .computeIfAbsent(reference.type(), none -> new LinkedHashMap<>())
              .computeIfAbsent(from, none -> new ArrayList<>());
      for (long i = 0; i < count && cursor.inside(); i++) {
        to.add(cursor.next(idBytes));
      }
    }
  }

  /** Reads numbers one after the other; 0 beyond the end. */
  private static final class Cursor {
    private final ByteSource bytes;
    private final long end;
    private long at;

    Cursor(ByteSource bytes, long at, long end) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
    }

    boolean inside() {
      return at < end;
    }

    long next(int count) {
      // Of eight bytes the upper one is left out: files are shorter.
      long value = count == 8 ? bytes.bigEndian(at + 1, 7) : bytes.bigEndian(at, count);
      at += count;
      return at > end ? 0 : Math.max(0, value);
    }
  }
}
