package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.vision.encoder.EncoderCache.Encoded;
import dev.squint.vision.io.ContentHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Encoded tiles as bytes: features [N, D] in 32-bit floats, big-endian, with places and evidence. A
 * SHA-256 of name and content comes first, so that damaged bytes, and those of another name, are
 * not taken for encoded tiles.
 */
final class FeatureFormat {

  private static final int MAGIC = 0x53514631; // SQF1
  private static final int HASH_BYTES = 32;
  private static final int HEADER_BYTES = Integer.BYTES + HASH_BYTES;

  private FeatureFormat() {}

  /** The names of kinds of evidence, in the order of their texts. */
  static List<String> names(Set<? extends Evidence<?>> evidence) {
    return evidence.stream().map(Object::toString).sorted().toList();
  }

  /** Writes tiles under a name, with all evidence that they have. */
  static byte[] write(String name, Encoded encoded) {
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream((int) Math.min(1 << 28, encoded.tokens().bytes() + 4096));
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.write(new byte[HASH_BYTES]);
      out.writeDouble(encoded.encodeMillis());
      out.writeInt(encoded.encodedTiles());
      writeTokens(encoded.tokens(), out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    byte[] value = bytes.toByteArray();
    System.arraycopy(hash(name, value), 0, value, Integer.BYTES, HASH_BYTES);
    return value;
  }

  private static byte[] hash(String name, byte[] value) {
    return new ContentHash()
        .with(name)
        .with(ByteBuffer.wrap(value, HEADER_BYTES, value.length - HEADER_BYTES))
        .bytes();
  }

  private static void writeTokens(PatchTokens tokens, DataOutputStream out) throws IOException {
    out.writeInt(tokens.tiles().size());
    for (Tile tile : tokens.tiles()) {
      writeTile(tile, out);
    }
    int[] patches = tokens.patches();
    out.writeInt(patches.length);
    for (int i = 0; i < patches.length; i++) {
      TokenPosition position = tokens.positions().get(i);
      out.writeInt(position.frame());
      out.writeInt(position.tile());
      out.writeInt(position.row());
      out.writeInt(position.col());
      out.writeInt(patches[i]);
    }
    EvidenceValues.write(tokens.features(), out);
    double before = tokens.showingOnly(Set.of()).operations();
    out.writeDouble(before);
    SortedMap<String, Evidence<?>> kinds = byName(tokens.evidenceKinds());
    out.writeInt(kinds.size());
    for (var kind : kinds.entrySet()) {
      out.writeUTF(kind.getKey());
      Evidence<?> evidence = kind.getValue();
      out.writeDouble(tokens.showingOnly(Set.of(evidence)).operations() - before);
      EvidenceValues.write(tokens.evidence(evidence), out);
    }
  }

  private static SortedMap<String, Evidence<?>> byName(Set<? extends Evidence<?>> evidence) {
    SortedMap<String, Evidence<?>> kinds = new TreeMap<>();
    evidence.forEach(kind -> kinds.put(kind.toString(), kind));
    return kinds;
  }

  private static void writeTile(Tile tile, DataOutputStream out) throws IOException {
    Tile.Crop crop = tile.crop();
    Tile.Area shown = tile.shown();
    int[] crops =
        crop == null
            ? new int[] {-1, 0, 0, 0}
            : new int[] {crop.row(), crop.col(), crop.gridRows(), crop.gridCols()};
    for (int[] part :
        List.of(
            new int[] {tile.frame(), tile.rows(), tile.cols()},
            crops,
            new int[] {shown.top(), shown.left(), shown.bottom(), shown.right()})) {
      for (int value : part) {
        out.writeInt(value);
      }
    }
  }

  /**
   * Reads tiles of a name with this evidence; empty if the bytes are damaged, of another name, or
   * with other evidence.
   */
  static Optional<Encoded> read(String name, byte[] value, Set<? extends Evidence<?>> evidence) {
    if (value.length <= HEADER_BYTES || ByteBuffer.wrap(value).getInt() != MAGIC) {
      return Optional.empty();
    }
    byte[] given = Arrays.copyOfRange(value, Integer.BYTES, HEADER_BYTES);
    if (!MessageDigest.isEqual(given, hash(name, value))) {
      return Optional.empty();
    }
    ByteArrayInputStream bytes =
        new ByteArrayInputStream(value, HEADER_BYTES, value.length - HEADER_BYTES);
    try (DataInputStream in = new DataInputStream(bytes)) {
      double millis = in.readDouble();
      int tiles = in.readInt();
      PatchTokens tokens = readTokens(in, byName(evidence));
      return Optional.of(new Encoded(tokens, millis, 0, tiles));
    } catch (IOException | RuntimeException writtenByAnotherProgram) {
      return Optional.empty();
    }
  }

  private static PatchTokens readTokens(DataInputStream in, SortedMap<String, Evidence<?>> wanted)
      throws IOException {
    List<Tile> tiles = new ArrayList<>();
    for (int count = EvidenceValues.count(in); count > 0; count--) {
      tiles.add(readTile(in));
    }
    int[] patches = new int[EvidenceValues.count(in)];
    List<TokenPosition> positions = new ArrayList<>();
    for (int i = 0; i < patches.length; i++) {
      positions.add(new TokenPosition(in.readInt(), in.readInt(), in.readInt(), in.readInt()));
      patches[i] = in.readInt();
    }
    Matrix features = (Matrix) EvidenceValues.read(in);
    EvidenceSet observed = EvidenceSet.nothing().after(in.readDouble());
    if (in.readInt() != wanted.size()) {
      throw new IOException("has other evidence");
    }
    for (var kind : wanted.entrySet()) {
      if (!in.readUTF().equals(kind.getKey())) {
        throw new IOException("has other evidence");
      }
      double operations = in.readDouble();
      observed = with(observed, kind.getValue(), EvidenceValues.read(in), operations);
    }
    return PatchTokens.encoded(tiles, positions, patches, features, observed);
  }

  @SuppressWarnings("unchecked") // A value of another type fails when the tokens check it.
  private static <V> EvidenceSet with(
      EvidenceSet observed, Evidence<V> kind, Object value, double operations) {
    return observed.with(kind, (V) value, operations);
  }

  private static Tile readTile(DataInputStream in) throws IOException {
    int frame = in.readInt();
    int rows = in.readInt();
    int cols = in.readInt();
    int[] crop = {in.readInt(), in.readInt(), in.readInt(), in.readInt()};
    Tile.Area shown = new Tile.Area(in.readInt(), in.readInt(), in.readInt(), in.readInt());
    return new Tile(
        frame,
        rows,
        cols,
        crop[0] < 0 ? null : new Tile.Crop(crop[0], crop[1], crop[2], crop[3]),
        shown);
  }
}
