package dev.squint.vision.encoder;

import dev.squint.pruner.Evidence;
import dev.squint.pruner.Tile;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.io.DirectBuffers;
import dev.squint.vision.picture.Dimensions;
import dev.squint.vision.picture.Region;
import dev.squint.vision.tile.PatchLayout;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an encoder in another process is asked, as bytes: the encoder's fingerprint, the plan inside
 * the encoder, the evidence, and the tiles with pixels in 32-bit floats, big-endian.
 *
 * @param fingerprint the encoder that is meant, {@link EncoderFingerprint}
 * @param pictures whole tiles; none is partial
 * @param evidence the kinds of evidence that are wanted
 * @param plan of which only steps inside the encoder matter
 */
public record EncodeRequest(
    String fingerprint,
    List<TiledImage> pictures,
    Set<? extends Evidence<?>> evidence,
    PruningPlan plan) {

  private static final int MAGIC = 0x53514531; // SQE1
  private static final int MOST_PICTURES = 4096;

  /** Copies the list. */
  public EncodeRequest {
    pictures = List.copyOf(pictures);
  }

  /** The request as bytes. */
  public byte[] write() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeUTF(fingerprint);
      out.writeUTF(plan.toString());
      out.writeInt(evidence.size());
      for (String name : FeatureFormat.names(evidence)) {
        out.writeUTF(name);
      }
      out.writeInt(pictures.size());
      for (TiledImage picture : pictures) {
        write(picture, out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  private static void write(TiledImage picture, DataOutputStream out) throws IOException {
    out.writeInt(picture.pictureWidth());
    out.writeInt(picture.pictureHeight());
    out.writeInt(picture.tileWidth());
    out.writeInt(picture.tileHeight());
    out.writeInt(picture.frames());
    PatchLayout layout = picture.patchLayout();
    out.writeBoolean(layout != null);
    if (layout != null) {
      out.writeInt(layout.patch());
      out.writeInt(layout.temporal());
      out.writeInt(layout.merge());
    }
    out.writeInt(picture.tiles().size());
    for (TilePlacement tile : picture.tiles()) {
      write(tile, out);
    }
    FloatBuffer pixels = picture.pixels();
    ByteBuffer block = ByteBuffer.allocate(Float.BYTES * pixels.remaining());
    block.asFloatBuffer().put(pixels);
    out.write(block.array());
  }

  private static void write(TilePlacement tile, DataOutputStream out) throws IOException {
    Tile.Crop crop = tile.crop();
    out.writeBoolean(crop != null);
    if (crop != null) {
      out.writeInt(crop.row());
      out.writeInt(crop.col());
      out.writeInt(crop.gridRows());
      out.writeInt(crop.gridCols());
    }
    Region region = tile.region();
    out.writeDouble(region.left());
    out.writeDouble(region.top());
    out.writeDouble(region.right());
    out.writeDouble(region.bottom());
    TokenGrid sheet = tile.sheet();
    out.writeBoolean(sheet != null);
    if (sheet != null) {
      out.writeInt(sheet.rows());
      out.writeInt(sheet.cols());
    }
  }

  /**
   * Reads a request.
   *
   * @throws IllegalArgumentException if the bytes are none
   */
  public static EncodeRequest read(byte[] request) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(request))) {
      if (in.readInt() != MAGIC) {
        throw new IOException("begins with other bytes");
      }
      String fingerprint = in.readUTF();
      PruningPlan plan = PruningPlan.parse(in.readUTF());
      Set<Evidence<?>> evidence = new LinkedHashSet<>();
      for (int count = EvidenceValues.count(in); count > 0; count--) {
        evidence.add(EvidenceNames.parse(in.readUTF()));
      }
      int count = in.readInt();
      if (count < 0 || count > MOST_PICTURES) {
        throw new IOException("has %d pictures".formatted(count));
      }
      List<TiledImage> pictures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        pictures.add(readPicture(in));
      }
      return new EncodeRequest(fingerprint, pictures, evidence, plan);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the body is not a request to encode tiles: it " + e.getMessage(), e);
    }
  }

  private static TiledImage readPicture(DataInputStream in) throws IOException {
    Dimensions picture = new Dimensions(in.readInt(), in.readInt());
    Dimensions tile = new Dimensions(in.readInt(), in.readInt());
    int frames = in.readInt();
    PatchLayout layout =
        in.readBoolean() ? new PatchLayout(in.readInt(), in.readInt(), in.readInt()) : null;
    List<TilePlacement> tiles = new ArrayList<>();
    for (int count = EvidenceValues.count(in); count > 0; count--) {
      tiles.add(readTile(in));
    }
    double values = 3.0 * tile.width() * tile.height() * frames * tiles.size();
    if (!(values > 0 && values * Float.BYTES <= in.available())) {
      throw new IOException("has fewer pixels than its tiles need");
    }
    FloatBuffer pixels = DirectBuffers.floats((long) values);
    pixels.put(ByteBuffer.wrap(in.readNBytes((int) (values * Float.BYTES))).asFloatBuffer());
    return new TiledImage(picture, tile, tiles, layout, frames, pixels.flip());
  }

  private static TilePlacement readTile(DataInputStream in) throws IOException {
    Tile.Crop crop =
        in.readBoolean()
            ? new Tile.Crop(in.readInt(), in.readInt(), in.readInt(), in.readInt())
            : null;
    Region region = new Region(in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble());
    TokenGrid sheet = in.readBoolean() ? new TokenGrid(in.readInt(), in.readInt()) : null;
    return new TilePlacement(crop, region, sheet);
  }
}
