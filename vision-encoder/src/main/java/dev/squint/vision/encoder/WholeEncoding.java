package dev.squint.vision.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.PatchTokens;
import dev.squint.pruner.Tile;
import dev.squint.vision.onnx.OnnxSession;
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

/**
 * Encodes with the graph as it was exported. All requested evidence must be among its outputs.
 *
 * @param size D, for requests without tiles
 * @param maxPixels maximum number of pixels in a run of several tiles
 */
record WholeEncoding(EncoderInputs inputs, int size, int maxPixels) {

  private static final String FEATURES = "image_features";

  /** Returns the tokens of all tiles, with the evidence. */
  PatchTokens encode(List<TiledImage> pictures, Set<? extends Evidence<?>> evidence) {
    OnnxSession session = inputs.session();
    Map<Evidence<?>, OutputReading<?, ?>> readings = new LinkedHashMap<>();
    for (Evidence<?> wanted : evidence) {
      readings.put(wanted, OutputReadings.of(wanted, session.outputs()).orElseThrow());
    }
    Set<String> outputs = new LinkedHashSet<>();
    readings.forEach((wanted, reading) -> outputs.add(reading.output(wanted)));
    List<TileRun> runs = TileRun.divide(pictures, maxPixels, inputs.maxTiles());
    List<EncodedRun> encoded = runs.stream().map(run -> encode(run, outputs)).toList();
    EvidenceSet observed = EvidenceSet.nothing();
    for (Map.Entry<Evidence<?>, OutputReading<?, ?>> reading : readings.entrySet()) {
      observed =
          reading.getValue().add(observed, reading.getKey(), session.outputs(), encoded, size);
    }
    return PatchTokens.encoded(tiles(runs, encoded), EncodedRun.features(encoded, size), observed);
  }

  private EncodedRun encode(TileRun run, Set<String> outputs) {
    Map<String, OnnxTensor> given = new HashMap<>();
    try {
      inputs.fill(given, run);
      Set<String> wanted = new LinkedHashSet<>(outputs);
      wanted.add(FEATURES);
      try (OrtSession.Result result = inputs.session().run(given, wanted)) {
        Map<String, OnnxTensor> others = new LinkedHashMap<>();
        outputs.forEach(output -> others.put(output, tensor(result, output)));
        return EncodedRun.of(
            inputs.session().name(), run.tiles(), tensor(result, FEATURES), others);
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
        TokenGrid grid =
            TokenGrid.of(encoded.get(i).tokensPerTile(), picture.tileWidth(), picture.tileHeight());
        for (TilePlacement placement : picture.tiles().subList(span.from(), span.to())) {
          tiles.add(grid.tile(span.frame(), placement, picture));
        }
      }
    }
    return tiles;
  }
}
