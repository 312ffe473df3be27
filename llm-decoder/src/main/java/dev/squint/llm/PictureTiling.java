package dev.squint.llm;

import dev.squint.llm.chat.Content;
import dev.squint.llm.chat.Message;
import dev.squint.llm.model.Family;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.prompt.ClipText;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.tile.Downsampling;
import dev.squint.vision.tile.FrameTiler;
import dev.squint.vision.tile.ImageTiler;
import dev.squint.vision.tile.ImageTilers;
import dev.squint.vision.tile.PictureCache;
import dev.squint.vision.tile.TiledImage;
import dev.squint.vision.tile.TokenMap;
import dev.squint.vision.video.Clip;
import dev.squint.vision.video.ClipOptions;
import dev.squint.vision.video.FrameRule;
import dev.squint.vision.video.Video;
import dev.squint.vision.video.VideoReader;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * How a model cuts the pictures and video frames of a conversation into tiles. Immutable.
 *
 * @param tiler for pictures
 * @param nativeSize for pictures that a plan shrinks; it never enlarges
 * @param frameTiler for frames of videos
 * @param frameRule which frames of a video the model is shown
 * @param clipText writes a video as the frames that the model is shown
 * @param framesTogether how many frames the encoder takes together
 * @param cache pictures of earlier questions, and their tiles
 */
record PictureTiling(
    ImageTiler tiler,
    ImageTiler nativeSize,
    FrameTiler frameTiler,
    FrameRule frameRule,
    ClipText clipText,
    int framesTogether,
    PictureCache cache) {

  /**
   * Reads how a package does it.
   *
   * @param nativeSizeCap whether pictures are never enlarged, also where the package would
   * @param hasVideoText whether prompts have a placeholder for videos
   * @param cacheBytes most bytes of decoded pictures and their tiles that are kept
   */
  static PictureTiling of(
      ModelPackage files, boolean nativeSizeCap, boolean hasVideoText, long cacheBytes) {
    ImageTiler nativeSize = ImageTilers.ofNativeSize(files.preprocessorConfig());
    FrameTiler frames = ImageTilers.ofFrames(files.preprocessorConfig(), files.videoConfig());
    Family.Clips clips = files.family().clips();
    // Without a placeholder for videos their frames are pictures.
    boolean asPictures = clips.asOne() && !hasVideoText;
    PictureCache cache = new PictureCache(cacheBytes);
    return new PictureTiling(
        cache.remembering(nativeSizeCap ? nativeSize : ImageTilers.of(files.preprocessorConfig())),
        nativeSize,
        frames,
        FrameRule.of(files.preprocessorConfig(), files.videoConfig()),
        ClipText.of(asPictures ? Family.Clips.FRAMES : clips, frames.together()),
        hasVideoText ? frames.together() : 1,
        cache);
  }

  /** The frames of a file that the model is shown. */
  Clip clip(Path file, ClipOptions options) {
    try (Video video = new VideoReader().open(file)) {
      return Clip.read(video, frameRule, options);
    }
  }

  /** A conversation with its videos written as the frames that a plan keeps. */
  ExpandedConversation expand(List<Message> conversation, PruningPlan plan) {
    return ExpandedConversation.of(conversation, plan, clipText, framesTogether);
  }

  /**
   * Checks that pictures have the levels of a pyramid that a plan asks for.
   *
   * @throws IllegalArgumentException if not
   */
  void check(PruningPlan plan) {
    if (plan.zoom() == 1 && !plan.readsCoarseCrops()) {
      return;
    }
    if (plan.pictureShare() < 1) {
      throw new IllegalArgumentException(
          "'%s' both shrinks pictures and asks for levels of them; leave out one of the two"
              .formatted(plan));
    }
    level(0.5);
  }

  /** Cuts pictures that are larger or smaller by a factor. */
  private ImageTiler level(double factor) {
    return tiler
        .scaled(factor)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "this model has crops of one size of a picture alone, so levels and zoom must be 1; models that cut pictures as Idefics3 does have more"));
  }

  /** The tiles of pictures without videos, shrunk or enlarged where the plan does that. */
  List<TiledImage> tiles(List<Picture> pictures, PruningPlan plan) {
    if (plan.zoom() > 1) {
      return level(plan.zoom()).tile(pictures);
    }
    List<TiledImage> full = pictures.isEmpty() ? List.of() : tiler.tile(pictures);
    return plan.pictureShare() == 1 ? full : shrunk(pictures, full, plan);
  }

  /** The tiles of an answered conversation; frames that the plan left out have none. */
  List<TiledImage> tiles(List<Message> conversation, Answer answer) {
    Iterator<List<Double>> seconds = answer.frameSeconds().iterator();
    List<Content> images = new ArrayList<>();
    for (Message message : conversation) {
      for (Content content : message.content()) {
        if (content instanceof Content.Image) {
          images.add(content);
        } else if (content instanceof Content.Video video) {
          images.addAll(images(shown(video.clip(), seconds.next())));
        }
      }
    }
    return given(images, full(images), answer.plan());
  }

  /** Draws which tokens of these pictures an answer kept. */
  List<Picture> map(List<Picture> pictures, Answer answer) {
    return TokenMap.draw(
        pictures, tiles(pictures, answer.plan()), answer.tiles(), answer.reduction());
  }

  /**
   * Draws which tokens of a video's frames an answer kept.
   *
   * @throws IllegalArgumentException if the answer is not about one video
   */
  List<Picture> map(Clip clip, Answer answer) {
    if (answer.frameSeconds().size() != 1) {
      throw new IllegalArgumentException(
          "the answer is about %d videos, not one".formatted(answer.frameSeconds().size()));
    }
    Clip frames = shown(clip, answer.frameSeconds().get(0));
    return TokenMap.draw(
        frames.pictures(), full(images(frames)), answer.tiles(), answer.reduction());
  }

  /** The frames of a clip at these times. */
  private static Clip shown(Clip clip, List<Double> seconds) {
    return new Clip(
        clip.seconds(),
        clip.frames().stream().filter(frame -> seconds.contains(frame.seconds())).toList());
  }

  /** The pictures or frames as which a clip is written. */
  private List<Content> images(Clip clip) {
    return Message.lookedAt(List.of(new Message("user", clipText.of(clip))));
  }

  /** The tiles of pictures and frames in full size. */
  List<TiledImage> full(List<Content> images) {
    List<Picture> stills = new ArrayList<>();
    for (Content content : images) {
      if (content instanceof Content.Image image && !image.frame()) {
        stills.add(image.picture());
      }
    }
    Deque<TiledImage> ofStills =
        new ArrayDeque<>(stills.isEmpty() ? List.of() : tiler.tile(stills));
    List<TiledImage> tiled = new ArrayList<>();
    for (Content content : images) {
      if (content instanceof Content.Frames frames) {
        tiled.addAll(frameTiler.tile(frames.clip().pictures()));
      } else if (content instanceof Content.Image image) {
        tiled.add(image.frame() ? frameTiler.tile(image.picture()) : ofStills.remove());
      }
    }
    return tiled;
  }

  /**
   * The tiles that the encoder runs on: a plan may shrink or enlarge pictures, while frames keep
   * their size.
   *
   * @param full the tiles in full size
   */
  List<TiledImage> given(List<Content> images, List<TiledImage> full, PruningPlan plan) {
    if (plan.zoom() > 1) {
      return atLevel(images, full, plan.zoom());
    }
    if (plan.pictureShare() == 1) {
      return full;
    }
    List<TiledImage> given = new ArrayList<>();
    for (Content content : images) {
      List<TiledImage> rest = full.subList(given.size(), full.size());
      if (content instanceof Content.Image image && !image.frame()) {
        given.addAll(shrunk(List.of(image.picture()), rest.subList(0, 1), plan));
      } else {
        int pictures = content instanceof Content.Frames frames ? frames.pictures() : 1;
        given.addAll(rest.subList(0, pictures));
      }
    }
    return given;
  }

  /** The level of a pyramid by which a plan chooses crops; none for most plans. */
  List<TiledImage> coarser(List<Content> images, List<TiledImage> full, PruningPlan plan) {
    return plan.readsCoarseCrops() ? atLevel(images, full, plan.zoom() / 2.0) : List.of();
  }

  private List<TiledImage> atLevel(List<Content> images, List<TiledImage> full, double factor) {
    if (factor == 1) {
      return full;
    }
    ImageTiler level = level(factor);
    List<TiledImage> tiled = new ArrayList<>();
    for (Content content : images) {
      if (content instanceof Content.Image image && !image.frame()) {
        tiled.add(level.tile(image.picture()));
      } else {
        int pictures = content instanceof Content.Frames frames ? frames.pictures() : 1;
        tiled.addAll(full.subList(tiled.size(), tiled.size() + pictures));
      }
    }
    return tiled;
  }

  private List<TiledImage> shrunk(List<Picture> pictures, List<TiledImage> full, PruningPlan plan) {
    List<TiledImage> shrunk = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      Picture picture = pictures.get(i);
      Shrinking way = new Shrinking(nativeSize, plan.pictureShare(), Layout.of(full.get(i)));
      TiledImage whole = full.get(i);
      shrunk.add(
          cache.tiles(
              picture, way, () -> Downsampling.shrink(picture, whole, nativeSize, way.share())));
    }
    return shrunk;
  }

  /** What the tiles of a shrunk picture depend on. */
  private record Shrinking(ImageTiler tiler, double share, Layout full) {}

  /** How a picture is cut in full size. */
  private record Layout(int tiles, int width, int height, int rows, int cols) {
    static Layout of(TiledImage image) {
      return new Layout(
          image.tiles().size(),
          image.tileWidth(),
          image.tileHeight(),
          image.cropRows(),
          image.cropCols());
    }
  }
}
