package dev.squint.pruner;

import dev.squint.pruner.Tile.Crop;
import dev.squint.pruner.evidence.AttentionKind;
import dev.squint.pruner.evidence.ClsQueryAndKey;
import dev.squint.pruner.evidence.CoarseCrops;
import dev.squint.pruner.evidence.EarlierHidden;
import dev.squint.pruner.evidence.FirstLook;
import dev.squint.pruner.evidence.FrameRelevance;
import dev.squint.pruner.evidence.GlobalViews;
import dev.squint.pruner.evidence.GroupPixels;
import dev.squint.pruner.evidence.KeysKind;
import dev.squint.pruner.evidence.LastQueryLogits;
import dev.squint.pruner.evidence.LogitsKind;
import dev.squint.pruner.evidence.PromptSelfLogits;
import dev.squint.pruner.evidence.QuestionEmbeddings;
import dev.squint.pruner.evidence.RequestRowsKind;
import dev.squint.pruner.evidence.TextHidden;
import dev.squint.pruner.evidence.TextQueryAttention;
import dev.squint.pruner.evidence.TextRelevance;
import dev.squint.pruner.evidence.TextSelfAttention;
import dev.squint.pruner.evidence.TokenRowsKind;
import dev.squint.pruner.evidence.Trained;
import dev.squint.pruner.method.baseline.UniformGrid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Tokens of several layouts with any evidence that a method asks for, made from a seed. */
public final class RandomTokens {
  private static final Sizes SMALL = new Sizes(8, 3, 3, 6, 5);
  private static final int TEXT = 3;

  private final List<Tile> tiles;
  private final Supplier<Float> values;
  private final Sizes sizes;

  private RandomTokens(List<Tile> tiles, Supplier<Float> values, Sizes sizes) {
    this.tiles = tiles;
    this.values = values;
    this.sizes = sizes;
  }

  /**
   * How large everything is beside the number of tokens.
   *
   * @param features of a token
   * @param heads of attention
   * @param words that attend to the tokens
   * @param other values of keys, hidden states and joint embeddings
   * @param question rows of the question
   */
  public record Sizes(int features, int heads, int words, int other, int question) {}

  /** The same values in other sizes. */
  public RandomTokens sized(Sizes other) {
    return new RandomTokens(tiles, values, other);
  }

  /** Values between 0 and 1 from a seed. */
  public static RandomTokens of(long seed, List<Tile> tiles) {
    SplittableRandom random = new SplittableRandom(seed);
    return new RandomTokens(tiles, () -> (float) random.nextDouble(), SMALL);
  }

  /** One value everywhere. */
  public static RandomTokens constant(float value, List<Tile> tiles) {
    return new RandomTokens(tiles, () -> value, SMALL);
  }

  /** One picture of one tile. */
  public static List<Tile> single(int rows, int cols) {
    return List.of(Tile.global(0, rows, cols));
  }

  /** A picture cut into crops, its global view last, as Idefics3 orders them. */
  public static List<Tile> crops(int gridRows, int gridCols, int side) {
    List<Tile> tiles = new ArrayList<>();
    for (int row = 0; row < gridRows; row++) {
      for (int col = 0; col < gridCols; col++) {
        tiles.add(Tile.crop(0, side, side, new Crop(row, col, gridRows, gridCols)));
      }
    }
    tiles.add(Tile.global(0, side, side));
    return tiles;
  }

  /**
   * Two pictures, the first one with padding above and below, its global view first, as LLaVA-NeXT
   * orders them.
   */
  public static List<Tile> twoPictures() {
    return List.of(
        Tile.global(0, 4, 4),
        new Tile(0, 4, 4, new Crop(0, 0, 2, 1), new Tile.Area(1, 0, 4, 4)),
        new Tile(0, 4, 4, new Crop(1, 0, 2, 1), new Tile.Area(0, 0, 3, 4)),
        Tile.global(1, 5, 3));
  }

  /** Frames of a clip, one tile each. */
  public static List<Tile> frames(int frames, int rows, int cols) {
    List<Tile> tiles = new ArrayList<>();
    for (int frame = 0; frame < frames; frame++) {
      tiles.add(Tile.global(frame, rows, cols));
    }
    return tiles;
  }

  public static List<List<Tile>> layouts() {
    return List.of(
        single(1, 1),
        single(6, 6),
        single(3, 7),
        crops(2, 2, 4),
        crops(1, 3, 3),
        twoPictures(),
        frames(4, 3, 3));
  }

  public PatchTokens patchTokens(Set<Evidence<?>> evidence) {
    int n = tiles.stream().mapToInt(Tile::tokens).sum();
    EvidenceSet observed = EvidenceSet.nothing();
    for (Evidence<?> kind : evidence) {
      observed = with(observed, kind, n);
    }
    return PatchTokens.encoded(tiles, matrix(n, sizes.features()), observed);
  }

  public LayerTokens layerTokens(Set<Evidence<?>> evidence) {
    PatchTokens earlier = patchTokens(evidence);
    return LayerTokens.of(earlier, earlier.features(), earlier.observed());
  }

  /** The crops among the tiles, before they are encoded. */
  public CropTokens cropTokens(Set<Evidence<?>> evidence) {
    List<CropTokens.Candidate> candidates = new ArrayList<>();
    for (Tile tile : tiles) {
      Crop crop = tile.crop();
      if (crop != null) {
        double height = 1.0 / crop.gridRows();
        double width = 1.0 / crop.gridCols();
        candidates.add(
            new CropTokens.Candidate(
                tile.frame(),
                crop,
                new CropTokens.Place(
                    crop.row() * height,
                    crop.col() * width,
                    (crop.row() + 1) * height,
                    (crop.col() + 1) * width),
                matrix(1, 6).data()));
      }
    }
    CropTokens crops = CropTokens.of(candidates);
    for (Evidence<?> kind : evidence) {
      if (kind instanceof CoarseCrops coarser) {
        List<Tile> some = tiles.stream().filter(tile -> !tile.isGlobal()).toList();
        crops =
            crops.with(
                coarser, new RandomTokens(some, values, sizes).patchTokens(coarser.showing()));
        continue;
      }
      GlobalViews views = (GlobalViews) kind;
      List<Tile> global = tiles.stream().filter(Tile::isGlobal).toList();
      crops =
          crops.with(views, new RandomTokens(global, values, sizes).patchTokens(views.showing()));
    }
    return crops;
  }

  /** The groups of patches of the tiles, before they are encoded. */
  public PatchGroups patchGroups(Set<Evidence<?>> evidence) {
    int n = tiles.stream().mapToInt(Tile::tokens).sum();
    PatchGroups groups = PatchGroups.of(tiles, matrix(n, 3));
    for (Evidence<?> kind : evidence) {
      if (kind instanceof GlobalViews views) {
        List<Tile> global = tiles.stream().filter(Tile::isGlobal).toList();
        groups =
            groups.with(
                views, new RandomTokens(global, values, sizes).patchTokens(views.showing()));
      } else if (kind instanceof FirstLook look) {
        PatchTokens all = patchTokens(look.showing());
        groups =
            groups.with(
                look, all.reduced(new UniformGrid().reduce(all, Budget.ratio(look.share()))));
      } else {
        groups = groups.with((GroupPixels) kind, matrix(n, 3 * sizes.features()));
      }
    }
    return groups;
  }

  /** The frames of the tiles, before they are encoded. */
  public FrameTokens frameTokens() {
    int frames = 1 + tiles.stream().mapToInt(Tile::frame).max().orElseThrow();
    float[] motion = matrix(1, frames).data();
    motion[0] = 0;
    return FrameTokens.of(
        matrix(frames, 16), IntStream.range(0, frames).asDoubleStream().toArray(), motion);
  }

  /** Tokens of the given type. */
  public <S extends TokenSet> S tokens(Class<S> type, Set<Evidence<?>> evidence) {
    return type.cast(
        type == LayerTokens.class
            ? layerTokens(evidence)
            : type == CropTokens.class
                ? cropTokens(evidence)
                : type == FrameTokens.class
                    ? frameTokens()
                    : type == PatchGroups.class ? patchGroups(evidence) : patchTokens(evidence));
  }

  private EvidenceSet with(EvidenceSet observed, Evidence<?> kind, int n) {
    if (kind instanceof FrameRelevance relevance) {
      return observed.with(
          relevance, matrix(1, 1 + tiles.stream().mapToInt(Tile::frame).max().orElseThrow()));
    }
    if (kind instanceof TextQueryAttention text) {
      return observed.with(
          text,
          new TextAttention(
              IntStream.range(0, sizes.words()).mapToObj(t -> matrix(sizes.heads(), n)).toList()));
    }
    if (kind instanceof TextRelevance relevance) {
      return observed.with(relevance, matrix(1, sizes.words()));
    }
    if (kind instanceof LogitsKind logits) {
      return observed.with(logits, Logits.of(matrix(sizes.heads(), n)));
    }
    if (kind instanceof TextSelfAttention text) {
      return observed.with(
          text,
          new TextToText(
              IntStream.range(0, sizes.heads())
                  .mapToObj(h -> matrix(sizes.words(), sizes.words()))
                  .toList()));
    }
    if (kind instanceof LastQueryLogits logits) {
      return observed.with(logits, promptLogits(1, n));
    }
    if (kind instanceof PromptSelfLogits logits) {
      return observed.with(logits, promptLogits(n + 2 * TEXT, n));
    }
    if (kind instanceof Trained trained) {
      return observed.with(trained, weights(trained.method()));
    }
    if (kind instanceof EarlierHidden earlier) {
      return observed.with(earlier, matrix(n, sizes.features()));
    }
    if (kind instanceof TokenRowsKind rows) {
      return observed.with(rows, matrix(n, sizes.other()));
    }
    if (kind instanceof ClsQueryAndKey cls) {
      return observed.with(
          cls,
          new ClsToken(matrix(tiles.size(), sizes.other()), matrix(tiles.size(), sizes.other())));
    }
    if (kind instanceof KeysKind keys) {
      return observed.with(keys, new Keys(matrix(n, sizes.other()), 2));
    }
    if (kind instanceof AttentionKind attention) {
      return observed.with(attention, Attention.of(matrix(sizes.heads(), n)));
    }
    if (kind instanceof RequestRowsKind text) {
      return observed.with(
          text,
          matrix(
              sizes.question(),
              text instanceof QuestionEmbeddings || text instanceof TextHidden
                  ? sizes.features()
                  : sizes.other()));
    }
    throw new IllegalArgumentException("no random values for " + kind);
  }

  private TrainedWeights weights(String method) {
    return switch (method) {
      case "atp" ->
          new TrainedWeights(
              Map.of(
                  "weight", matrix(4, 2),
                  "bias", matrix(1, 4),
                  "redundancy.weight", matrix(1, 4),
                  "redundancy.bias", matrix(1, 1),
                  "spatial.weight", matrix(1, 4),
                  "spatial.bias", matrix(1, 1),
                  "coarsest", matrix(1, 1),
                  "scaled", matrix(1, 1)));
      case "dyvte" ->
          new TrainedWeights(
              Map.of("hidden", matrix(4, 2 * sizes.features()), "output", matrix(2, 4)));
      default -> throw new IllegalArgumentException("no random weights for " + method);
    };
  }

  /** Logits for a prompt with the visual tokens in the middle. */
  private PromptLogits promptLogits(int queries, int n) {
    int tokens = n + 2 * TEXT;
    return new PromptLogits(
        IntStream.range(0, sizes.heads()).mapToObj(h -> matrix(queries, tokens)).toList(),
        IntStream.range(TEXT, TEXT + n).toArray());
  }

  public Matrix matrix(int rows, int cols) {
    float[] data = new float[rows * cols];
    for (int i = 0; i < data.length; i++) {
      data[i] = values.get();
    }
    return new Matrix(rows, cols, data);
  }
}
