package dev.squint.vision.video;

import boofcv.abst.tracker.PointTrack;
import boofcv.abst.tracker.PointTracker;
import boofcv.alg.tracker.klt.ConfigPKlt;
import boofcv.factory.tracker.FactoryPointTracker;
import boofcv.struct.image.GrayS16;
import boofcv.struct.image.GrayU8;
import boofcv.struct.pyramid.ConfigDiscreteLevels;
import dev.squint.vision.picture.Picture;
import georegression.struct.point.Point2D_F64;
import java.util.List;

/**
 * Motion between frames: corners are tracked from one frame to the next with BoofCV's
 * Kanade-Lucas-Tomasi tracker.
 */
final class Motion {

  /** Frames are shrunk to this: it is fast, and motion of a few pixels is noise. */
  private static final int EDGE = 160;

  private static final int MAX_CORNERS = 120;
  private static final int LEVELS = 4;

  private Motion() {}

  /** Returns the mean displacement of the tracked corners, as a share of the longer edge, [F]. */
  static float[] between(List<Picture> frames) {
    float[] motion = new float[frames.size()];
    GrayU8 before = grey(frames.get(0));
    for (int f = 1; f < motion.length; f++) {
      GrayU8 now = grey(frames.get(f));
      motion[f] = between(before, now);
      before = now;
    }
    return motion;
  }

  private static float between(GrayU8 before, GrayU8 after) {
    if (before.width != after.width || before.height != after.height) {
      return 0;
    }
    PointTracker<GrayU8> tracker = tracker();
    tracker.process(before);
    tracker.spawnTracks();
    for (PointTrack track : tracker.getActiveTracks(null)) {
      track.setCookie(track.pixel.copy());
    }
    tracker.process(after);
    double sum = 0;
    int found = 0;
    for (PointTrack track : tracker.getActiveTracks(null)) {
      Point2D_F64 start = track.getCookie();
      sum += start.distance(track.pixel);
      found++;
    }
    return found == 0 ? 0 : (float) (sum / found / Math.max(before.width, before.height));
  }

  private static PointTracker<GrayU8> tracker() {
    ConfigPKlt config = new ConfigPKlt();
    config.templateRadius = 3;
    config.pyramidLevels = ConfigDiscreteLevels.levels(LEVELS);
    config.maximumTracks.setFixed(MAX_CORNERS);
    return FactoryPointTracker.klt(config, null, GrayU8.class, GrayS16.class);
  }

  private static GrayU8 grey(Picture picture) {
    Picture small = picture.withLongestEdge(EDGE, true);
    GrayU8 grey = new GrayU8(small.width(), small.height());
    for (int i = 0; i < grey.data.length; i++) {
      grey.data[i] = (byte) ClipTokens.luma(small.rgb(), 3 * i);
    }
    return grey;
  }
}
