package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenPosition;
import dev.squint.pruner.evidence.TileSummary;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.tile.KeptGroups;
import dev.squint.vision.tile.TilePlacement;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenGrid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Encodes with the graph as it was exported. All requested evidence must be among its outputs.
 *
 * @param size D, for requests without tiles
 * @param maxPixels maximum number of pixels in a run of several tiles
 * @param summarises whether the graph gives a token of each tile as a whole before those of its
 *     grid
 */
record WholeEncoding(EncoderInputs inputs, int size, int maxPixels, boolean summarises) {

  private static final String FEATURES = "image_features";

  /** Returns the tokens of all tiles, with the evidence. */
  PatchTokens encode(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    OnnxSession session = inputs.session();
    Map<Evidence<?>, OutputReading<?, ?>> readings = new LinkedHashMap<>();
    for (Evidence<?> wanted : evidence) {
      if (!(wanted instanceof TileSummary)) {
        readings.put(wanted, OutputReadings.of(wanted, session.outputs()).orElseThrow());
      }
    }
    Set<String> outputs = new LinkedHashSet<>();
    readings.forEach((wanted, reading) -> outputs.add(reading.output(wanted)));
    List<TileRun> runs = TileRun.divide(pictures, maxPixels, inputs.maxTiles());
    List<EncodedRun> encoded = new ArrayList<>();
    for (TileRun run : runs) {
      // After one run this would take long beside the run itself.
      boolean returnMemory = runs.size() > 1 && encoded.size() == runs.size() - 1;
      encoded.add(encode(run, outputs, returnMemory));
    }
    EvidenceSet observed = EvidenceSet.nothing();
    for (Map.Entry<Evidence<?>, OutputReading<?, ?>> reading : readings.entrySet()) {
      observed =
          reading.getValue().add(observed, reading.getKey(), session.outputs(), encoded, size);
    }
    if (summarises) {
      List<Matrix> summaries = encoded.stream().map(EncodedRun::summaries).toList();
      observed = observed.with(new TileSummary(), EncodedRun.together(summaries, size));
    }
    List<Tile> tiles = tiles(runs, encoded);
    Matrix features = EncodedRun.features(encoded, size);
    return pictures.stream().anyMatch(TiledImage::isPartial)
        ? PatchTokens.encoded(tiles, positions(runs, tiles), features, observed)
        : PatchTokens.encoded(tiles, features, observed);
  }

  private EncodedRun encode(TileRun run, Set<String> outputs, boolean returnMemory) {
    Map<String, OnnxTensor> given = new HashMap<>();
    try {
      inputs.fill(given, run);
      Set<String> wanted = new LinkedHashSet<>(outputs);
      wanted.add(FEATURES);
      OnnxSession session = inputs.session();
      try (OrtSession.Result result =
          returnMemory ? session.runAndReturnMemory(given, wanted) : session.run(given, wanted)) {
        Map<String, OnnxTensor> others = new LinkedHashMap<>();
        outputs.forEach(output -> others.put(output, tensor(result, output)));
        return EncodedRun.of(
            session.name(), run.tiles(), tensor(result, FEATURES), summarises, others);
      }
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor tensor(OrtSession.Result result, String output) {
    return (OnnxTensor) result.get(output).orElseThrow();
  }

  private static List<Tile> tiles(List<TileRun> runs, List<EncodedRun> encoded) {
    List<Tile> tiles = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      for (TileRun.Span span : runs.get(i).spans()) {
        TiledImage picture = span.picture();
        TokenGrid sheet = picture.tiles().get(span.from()).sheet();
        TokenGrid grid =
            picture.isPartial()
                ? picture.kept().get(span.from()).grid()
                : sheet != null
                    ? sheet
                    : TokenGrid.of(
                        encoded.get(i).tokensPerTile(), picture.tileWidth(), picture.tileHeight());
        for (TilePlacement placement : picture.tiles().subList(span.from(), span.to())) {
          tiles.add(grid.tile(span.frame(), placement, picture));
        }
      }
    }
    return tiles;
  }

  /** The places of the tokens, where some groups of patches were left out. */
  private static List<TokenPosition> positions(List<TileRun> runs, List<Tile> tiles) {
    List<TokenPosition> positions = new ArrayList<>();
    int number = 0;
    for (TileRun run : runs) {
      for (TileRun.Span span : run.spans()) {
        for (int t = span.from(); t < span.to(); t++, number++) {
          Tile tile = tiles.get(number);
          List<KeptGroups> kept = span.picture().kept();
          List<Integer> groups =
              kept.isEmpty()
                  ? IntStream.range(0, tile.tokens()).boxed().toList()
                  : kept.get(t).groups();
          for (int group : groups) {
            positions.add(
                new TokenPosition(tile.frame(), number, group / tile.cols(), group % tile.cols()));
          }
        }
      }
    }
    return positions;
  }
}
