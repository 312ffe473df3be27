import com.sun.management.OperatingSystemMXBean;
import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.chat.Message;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Tokenizer;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.OnnxSession;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the parts of a start take: {@code StartUp together|apart PACKAGE PICTURE QUESTION}. Prints a line for each part:
 * its name, wall-clock and processor milliseconds, with tabs between. {@code together} loads the model as Squint does,
 * {@code apart} opens its tokenizer and graphs one after another.
 */
public final class StartUp {

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Map<String, double[]> parts = new LinkedHashMap<>();
  private double wall;
  private double processors;

  private StartUp() {
    wall = System.nanoTime() / 1e6;
    processors = SYSTEM.getProcessCpuTime() / 1e6;
  }

  public static void main(String[] args) throws Exception {
    double entered = System.currentTimeMillis();
    StartUp start = new StartUp();
    start.parts.put(
        "JVM until main",
        new double[] {
          entered - ManagementFactory.getRuntimeMXBean().getStartTime(), start.processors
        });
    Path folder = Path.of(args[1]);
    if (args[0].equals("together")) {
      start.together(folder, Path.of(args[2]), args[3]);
    } else {
      start.apart(folder);
    }
    start.parts.forEach(
        (name, taken) -> System.out.printf("%s\t%.1f\t%.1f%n", name, taken[0], taken[1]));
    System.exit(0);
  }

  private void together(Path folder, Path file, String question) throws Exception {
    LoadOptions options = LoadOptions.DEFAULT.withPrefixCacheBytes(0).withPictureCacheBytes(0);
    VisionLanguageModel model = VisionLanguageModel.load(folder, options);
    end("load of the model");
    Picture picture = new PictureReader().read(file);
    end("read the picture");
    Answer answer = model.ask(List.of(Message.user(List.of(picture), question)), AskOptions.DEFAULT);
    end("first answer");
    if (answer.text().isEmpty()) {
      throw new IllegalStateException("no answer");
    }
  }

  private void apart(Path folder) {
    ModelPackage files = ModelPackage.read(folder, Variants.ANY);
    end("read the package");
    Tokenizer.load(files);
    end("tokenizer");
    for (Session session : Session.values()) {
      OnnxSession.open(files.graph(session), SessionSettings.DEFAULT);
      end("session " + session.key());
    }
  }

  private void end(String part) {
    double nowWall = System.nanoTime() / 1e6;
    double nowProcessors = SYSTEM.getProcessCpuTime() / 1e6;
    parts.put(part, new double[] {nowWall - wall, nowProcessors - processors});
    wall = nowWall;
    processors = nowProcessors;
  }
}
