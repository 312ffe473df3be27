package dev.squint.webapp.page;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.Page.WaitForFunctionOptions;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.ViewportSize;
import dev.squint.webapp.RunningServer;
import dev.squint.webapp.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Somebody who uses the page in Chromium. Everything that the browser complains of is recorded. */
final class Visitor implements AutoCloseable {

  /** The folder for screenshots; without it none are kept. */
  private static final @Nullable String SCREENSHOTS = System.getProperty("screenshots.dir");

  private static final List<String> FLAGS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--use-fake-device-for-media-stream",
          "--use-fake-ui-for-media-stream");

  /** Only a page that hangs takes longer, also beside other work. */
  private static final double TIMEOUT_MILLIS = RunningServer.PATIENCE.toMillis();

  private static final double POLLING_MILLIS = 30;

  private static final AtomicReference<Browser> BROWSER = new AtomicReference<>();

  /** Forgets what the page has stored, in another document of the same server. */
  private static final String FORGET =
      """
      async () => {
        localStorage.clear();
        sessionStorage.clear();
        for (const {name} of await indexedDB.databases()) {
          await new Promise((resolve, reject) => {
            const request = indexedDB.deleteDatabase(name);
            request.onsuccess = resolve;
            request.onerror = reject;
          });
        }
      }
      """;

  /**
   * A window of ordinary size that its visitor has left: a new one would start another process,
   * which costs more than to load the page.
   */
  private record Left(RunningServer server, Page page) {}

  private static final AtomicReference<@Nullable Left> LEFT = new AtomicReference<>();

  /** What the browser complained of, such as errors in scripts and refusals of the policy. */
  final List<String> complaints = new ArrayList<>();

  /** Hosts that the page asked for something. */
  final Set<String> hosts = new TreeSet<>();

  final Page page;
  private final RunningServer server;
  private final boolean ordinary;
  private final Consumer<ConsoleMessage> console = this::hear;
  private final Consumer<String> failure = complaints::add;
  private final Consumer<Request> request = this::note;
  private @Nullable CDPSession protocol;

  private Visitor(RunningServer server, Page page, boolean ordinary) {
    this.server = server;
    this.page = page;
    this.ordinary = ordinary;
    page.onConsoleMessage(console);
    page.onPageError(failure);
    page.onRequest(request);
    page.navigate(server.url("/"));
    page.waitForSelector("body[data-ready]");
  }

  private void hear(ConsoleMessage message) {
    if (message.type().equals("error") || message.type().equals("warning")) {
      complaints.add(message.text());
    }
  }

  private void note(Request asked) {
    // What the page has made itself is no host.
    if (!asked.url().startsWith("blob:")) {
      hosts.add(asked.url().replaceFirst("^(\\w+:/*[^/]*).*", "$1"));
    }
  }

  /** Opens the page in a window of ordinary size, which stores nothing yet. */
  static Visitor of(RunningServer server) {
    Left left = LEFT.getAndSet(null);
    if (left != null && left.server.equals(server)) {
      return new Visitor(server, left.page, true);
    }
    if (left != null) {
      left.page.context().close();
    }
    return new Visitor(server, page(options -> {}), true);
  }

  /** Opens the page in a window of another kind. */
  static Visitor of(RunningServer server, Consumer<NewContextOptions> kind) {
    return new Visitor(server, page(kind), false);
  }

  private static Page page(Consumer<NewContextOptions> kind) {
    NewContextOptions options =
        new NewContextOptions()
            .setViewportSize(new ViewportSize(1280, 860))
            .setLocale("en-US")
            // What moves is drawn 60 times a second; the tests of two classes took a tenth longer.
            .setReducedMotion(ReducedMotion.REDUCE);
    kind.accept(options);
    BrowserContext context = browser().newContext(options);
    context.setDefaultTimeout(TIMEOUT_MILLIS);
    return context.newPage();
  }

  private static synchronized Browser browser() {
    Browser browser = BROWSER.get();
    if (browser == null) {
      Path chromium = Tool.CHROMIUM.find();
      Playwright playwright =
          Playwright.create(
              new Playwright.CreateOptions()
                  .setEnv(
                      Map.of(
                          "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
                          "1",
                          "PLAYWRIGHT_NODEJS_PATH",
                          Tool.NODE.find().toString())));
      browser =
          playwright
              .chromium()
              .launch(new LaunchOptions().setExecutablePath(chromium).setArgs(FLAGS));
      BROWSER.set(browser);
      Runtime.getRuntime().addShutdownHook(new Thread(playwright::close));
    }
    return browser;
  }

  Locator find(String selector) {
    return page.locator(selector);
  }

  /** Takes one of the examples, with its question. */
  void takeExample(int number) {
    find(".example").nth(number).click();
    waitFor("() => document.getElementById('question').value !== ''");
    waitFor(
        "() => document.querySelector('#strip .thumb') && document.getElementById('picture').complete");
  }

  /** Sends one event of a touch screen; x and y of each finger that is down. */
  void touch(String type, double... fingers) {
    JsonArray points = new JsonArray();
    for (int i = 0; i < fingers.length; i += 2) {
      JsonObject point = new JsonObject();
      point.addProperty("x", fingers[i]);
      point.addProperty("y", fingers[i + 1]);
      point.addProperty("id", i);
      points.add(point);
    }
    JsonObject event = new JsonObject();
    event.addProperty("type", type);
    event.add("touchPoints", points);
    if (protocol == null) {
      protocol = page.context().newCDPSession(page);
    }
    protocol.send("Input.dispatchTouchEvent", event);
  }

  /** Writes the plan of the next answers. */
  void plan(String plan) {
    plan("#ask-plan", plan);
  }

  /** Writes the plan of a picker. */
  void plan(String picker, String plan) {
    find(picker + " .choose-method").click();
    if (!find("#plan-text").isVisible()) {
      find("#plan-by-hand summary").click();
    }
    find("#plan-text").fill(plan);
    find("#use-plan").click();
  }

  /** Sets how long answers may be, in tokens. */
  void longest(int tokens) {
    find("#open-settings").click();
    find("#longest").fill(String.valueOf(tokens));
    page.keyboard().press("Escape");
  }

  /** Chooses an entry of the last answer's menu. */
  void share(String entry) {
    find(".menu summary").last().click();
    find(".menu-list button:has-text('" + entry + "')").last().click();
  }

  /** Loads the page again, once what it stores is stored. */
  void reload() {
    page.waitForTimeout(400);
    page.reload();
    page.waitForSelector("body[data-ready]");
  }

  /** Records the fields of the next questions in {@code window.asked}, as texts. */
  void recordQuestions() {
    page.evaluate(
        """
        () => {
          const send = window.fetch;
          window.asked = [];
          window.fetch = (address, options) => {
            if (options?.body instanceof FormData) {
              const fields = [...options.body].map(([name, value]) => [name, value.name ?? value]);
              window.asked.push(fields.map(([name, value]) => `${name}=${value}`).join('\\n'));
            }
            return send(address, options);
          };
        }
        """);
  }

  /** The fields of a question that was recorded. */
  List<String> asked(int number) {
    return List.of(((String) page.evaluate("i => window.asked[i]", number)).split("\n"));
  }

  void choosePictures(String... names) {
    Path folder = RunningServer.PICTURES;
    Path[] files = new Path[names.length];
    for (int i = 0; i < names.length; i++) {
      files[i] = folder.resolve(names[i]);
    }
    find("#file").setInputFiles(files);
    waitForCount("#strip .thumb", names.length);
  }

  /** Begins another conversation: it costs less than to load the page again. */
  void beginAnew() {
    find("#new-talk").click();
    waitForCount(".turn", 0);
    waitForCount("#strip .thumb", 0);
  }

  /** Chooses a sample clip; a few of its frames are shown at once. */
  void chooseClip(String name) {
    find("#file").setInputFiles(RunningServer.CLIPS.resolve(name));
    page.waitForSelector("#strip .clip .thumb");
  }

  /** Asks a question and waits for the whole answer. */
  String ask(String question) {
    int before = find(".turn .figures").count();
    find("#question").fill(question);
    find("#send").click();
    waitForCount(".turn .figures", before + 1);
    return find(".answer-text").last().textContent();
  }

  void waitForCount(String selector, int count) {
    waitFor(
        "([selector, count]) => document.querySelectorAll(selector).length === count",
        List.of(selector, count));
  }

  void waitForText(String selector, String part) {
    waitFor(
        "([selector, part]) => document.querySelector(selector)?.textContent.includes(part)",
        List.of(selector, part));
  }

  /** Waits until a function is true. Looking at each frame would make the browser draw them all. */
  void waitFor(String function, @Nullable Object argument) {
    page.waitForFunction(
        function, argument, new WaitForFunctionOptions().setPollingInterval(POLLING_MILLIS));
  }

  void waitFor(String function) {
    waitFor(function, null);
  }

  /** Keeps a screenshot of what the visitor sees. */
  void screenshot(String name) {
    if (SCREENSHOTS != null) {
      page.waitForTimeout(200);
      page.screenshot(new ScreenshotOptions().setPath(Path.of(SCREENSHOTS, name + ".png")));
    }
  }

  @Override
  public void close() {
    if (!ordinary || LEFT.get() != null) {
      page.context().close();
      return;
    }
    page.offConsoleMessage(console);
    page.offPageError(failure);
    page.offRequest(request);
    page.unrouteAll();
    page.context().setOffline(false);
    page.mouse().move(0, 0);
    page.navigate(server.url("/favicon.svg"));
    page.evaluate(FORGET);
    LEFT.set(new Left(server, page));
  }
}
