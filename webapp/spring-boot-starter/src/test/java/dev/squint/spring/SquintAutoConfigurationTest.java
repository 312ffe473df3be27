package dev.squint.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squint.llm.Answer;
import dev.squint.llm.AskOptions;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.decoder.batch.BatchSettings;
import dev.squint.llm.model.Devices;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.SessionSettings;
import dev.squint.vision.picture.PictureReader;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What an application gets for which settings, beans and classes. */
class SquintAutoConfigurationTest {

  /** Squint's own model. */
  private static final String MODEL = "../../samples/tiny-vlm/package";

  private static final Path PICTURE = Path.of("../../samples/pictures/shapes.png");

  private static final AutoConfigurations SQUINT =
      AutoConfigurations.of(
          SquintAutoConfiguration.class,
          SquintHealthAutoConfiguration.class,
          SquintMetricsAutoConfiguration.class);

  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(SQUINT)
          .withConfiguration(
              AutoConfigurations.of(
                  HealthContributorAutoConfiguration.class, MetricsAutoConfiguration.class));

  private final ApplicationContextRunner withModel =
      application.withPropertyValues("squint.model=" + MODEL);

  @Test
  void withoutASetting_nothingIsLoaded() {
    application.run(
        context ->
            assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(VisionLanguageModel.class)
                .doesNotHaveBean(SquintProperties.class)
                .doesNotHaveBean("squintHealthIndicator")
                .doesNotHaveBean("squintMetrics"));
  }

  @Test
  void aFolderIsLoaded_andClosedWithTheContext() {
    VisionLanguageModel[] loaded = new VisionLanguageModel[1];
    withModel.run(
        context -> {
          loaded[0] = context.getBean(VisionLanguageModel.class);
          assertThat(loaded[0].isClosed()).isFalse();
          assertThat(ask(loaded[0]).text()).isEqualTo("red");
        });

    assertThat(loaded[0].isClosed()).isTrue();
  }

  @Test
  void theSettingsReachTheLoader() {
    withModel
        .withPropertyValues(
            "squint.variant=fp32",
            "squint.cuts=2,4",
            "squint.plans[0]=encoder:random(keep=0.25, seed=7)",
            "squint.plans[1]=none",
            "squint.native-size-cap=true",
            "squint.family=idefics3",
            "squint.special-tokens-in-text=true",
            "squint.work.encodings=3",
            "squint.work.batch=5",
            "squint.work.batch-inexact=true",
            "squint.work.encoder-cache=5MB",
            "squint.work.prefix-cache=0",
            "squint.work.picture-cache=3MB",
            "squint.onnx.threads=2",
            "squint.device=auto,decoder=cpu",
            "squint.onnx.spin-micros=5",
            "squint.onnx.prepacking=false",
            "squint.onnx.arena=false")
        .run(
            context -> {
              LoadOptions options = context.getBean(LoadOptions.class);
              assertThat(options.variants().chosen()).hasSize(3).containsValue("fp32");
              assertThat(options.devices()).hasToString("vision=auto,embed=cpu,decoder=cpu");
              assertThat(options.cuts()).hasToString("2,4");
              assertThat(options.plans())
                  .extracting(Object::toString)
                  .containsExactly("encoder:random(keep=0.25, seed=7)", "none");
              assertThat(options.nativeSizeCap()).isTrue();
              assertThat(options.family()).isEqualTo("idefics3");
              assertThat(options.specialTokensInTexts()).isTrue();
              assertThat(options.encodings()).isEqualTo(3);
              assertThat(options.batching()).isEqualTo(BatchSettings.of(5).withInexact(true));
              assertThat(options.encoderCacheBytes()).isEqualTo(5 << 20);
              assertThat(options.prefixCacheBytes()).isZero();
              assertThat(options.pictureCacheBytes()).isEqualTo(3 << 20);
              assertThat(options.settings())
                  .isEqualTo(new SessionSettings(2, 5, true, false, false, Device.CPU));
              assertThat(context.getBean(VisionLanguageModel.class).decoder().stages()).hasSize(3);
            });
  }

  @Test
  void aFamilyIsForced_andEveryAnswerSaysSo() {
    withModel
        .withPropertyValues("squint.family=smolvlm")
        .run(
            context ->
                assertThat(ask(context.getBean(VisionLanguageModel.class)).notes())
                    .contains(
                        "taken for a package of the family 'smolvlm' as asked; its model_type is 'idefics3'"));
    withModel
        .withPropertyValues("squint.family=smolvml")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("there is no family 'smolvml'; Squint knows ["));
  }

  @Test
  void specialTokensInATextAreText_unlessTheSettingLetsThemAct() {
    withModel.run(
        context ->
            assertThat(
                    context
                        .getBean(VisionLanguageModel.class)
                        .ask(List.of(), "What is an <image>?", AskOptions.DEFAULT)
                        .visualTokens())
                .isZero());
    withModel
        .withPropertyValues("squint.special-tokens-in-text=true")
        .run(
            context ->
                assertThatThrownBy(
                        () ->
                            context
                                .getBean(VisionLanguageModel.class)
                                .ask(List.of(), "What is an <image>?", AskOptions.DEFAULT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("<image>"));
  }

  @Test
  void withoutFurtherSettings_oneQuestionIsEncodedAtATimeAndPromptsMayTake256MB() {
    withModel.run(
        context ->
            assertThat(context.getBean(LoadOptions.class))
                .usingRecursiveComparison()
                .isEqualTo(
                    LoadOptions.DEFAULT
                        .withDevices(Devices.parse("cpu"))
                        .withEncodings(1)
                        .withPrefixCacheBytes(256 << 20)));
  }

  @Test
  void aBeanOfTheApplicationsOwnWins() {
    withModel
        .withUserConfiguration(OwnModel.class)
        .run(
            context -> {
              assertThat(context).hasSingleBean(VisionLanguageModel.class);
              assertThat(context).hasBean("own").doesNotHaveBean(SquintProperties.class);
              assertThat(health(context).getDetails()).containsOnlyKeys("own");
            });
  }

  @Test
  void aLocatorAndOptionsOfTheApplicationsOwnAreTaken() {
    application
        .withPropertyValues("squint.model=ours")
        .withBean(ModelLocator.class, () -> (model, variants) -> Path.of(MODEL))
        .withBean(LoadOptions.class, () -> LoadOptions.DEFAULT.withNativeSizeCap(true))
        .run(
            context -> assertThat(context).hasNotFailed().hasSingleBean(VisionLanguageModel.class));
  }

  @Test
  void answersAreCounted() {
    withModel
        .withBean(SimpleMeterRegistry.class)
        .run(
            context -> {
              Answer answer = ask(context.getBean(VisionLanguageModel.class));
              MeterRegistry meters = context.getBean(MeterRegistry.class);
              assertThat(answer.keptVisualTokens()).isLessThan(answer.visualTokens());
              assertThat(count(meters, "squint.tokens.visual")).isEqualTo(answer.visualTokens());
              assertThat(count(meters, "squint.tokens.visual.kept"))
                  .isEqualTo(answer.keptVisualTokens());
              assertThat(count(meters, "squint.tokens.prompt")).isEqualTo(answer.promptTokens());
              assertThat(count(meters, "squint.tokens.completion"))
                  .isEqualTo(answer.completionTokens());
              assertThat(meters.get("squint.answer").timer().count()).isEqualTo(1);
              assertThat(meters.get("squint.answer").timer().totalTime(TimeUnit.MILLISECONDS))
                  .isCloseTo(answer.timings().totalMillis(), Offset.offset(0.001));
              assertThat(meters.get("squint.phase").tag("phase", "prefill").timer().count())
                  .isEqualTo(1);
              assertThat(meters.get("squint.encoder.cache").tag("result", "miss").counter().count())
                  .isEqualTo(1);
            });
  }

  @Test
  void withoutMicrometerOrHealth_theModelIsThereAlone() {
    new ApplicationContextRunner()
        .withConfiguration(SQUINT)
        .withPropertyValues("squint.model=" + MODEL)
        .withClassLoader(
            new FilteredClassLoader("io.micrometer", "org.springframework.boot.health"))
        .run(
            context ->
                assertThat(context)
                    .hasSingleBean(VisionLanguageModel.class)
                    .doesNotHaveBean("squintMetrics")
                    .doesNotHaveBean("squintHealthIndicator"));
  }

  @Test
  void healthIsUpUntilTheModelIsClosed_andNamesNoFolder() {
    withModel.run(
        context -> {
          assertThat(health(context).getStatus()).isEqualTo(Status.UP);
          assertThat(health(context).getDetails())
              .containsExactly(Map.entry("visionLanguageModel", "tiny-vlm"));

          context.getBean(VisionLanguageModel.class).close();

          assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
        });
  }

  @Test
  void healthCanBeSwitchedOff() {
    withModel
        .withPropertyValues("management.health.squint.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean("squintHealthIndicator"));
  }

  private static Answer ask(VisionLanguageModel model) {
    return model.ask(
        List.of(new PictureReader().read(PICTURE)),
        "What color is the heart?",
        AskOptions.DEFAULT.withPlan("encoder:text-guided(keep=0.25)"));
  }

  private static double count(MeterRegistry meters, String name) {
    return meters.get(name).counter().count();
  }

  private static Health health(ApplicationContext context) {
    HealthIndicator indicator = context.getBean("squintHealthIndicator", HealthIndicator.class);
    return Objects.requireNonNull(indicator.health());
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnModel {

    @Bean
    VisionLanguageModel own() {
      return VisionLanguageModel.load(Path.of(MODEL));
    }
  }
}
