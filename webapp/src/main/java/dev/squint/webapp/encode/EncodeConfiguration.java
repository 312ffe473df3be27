package dev.squint.webapp.encode;

import dev.squint.llm.LoadOptions;
import dev.squint.llm.PackageEncoder;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.spring.InvalidSettingException;
import dev.squint.spring.ModelLocator;
import dev.squint.spring.SquintProperties;
import dev.squint.vision.encoder.BatchedEncoder;
import dev.squint.vision.encoder.EncodeService;
import dev.squint.vision.encoder.EncoderCache;
import dev.squint.vision.encoder.EncoderFingerprint;
import dev.squint.vision.encoder.FeatureBound;
import dev.squint.vision.encoder.FeatureStore;
import dev.squint.vision.encoder.RemoteVisionEncoder;
import dev.squint.vision.encoder.VisionEncoder;
import dev.squint.webapp.ServerSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.Http2;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** The parts of a replica that its role needs. */
@Configuration(proxyBeanMethods = false)
class EncodeConfiguration {

  private static final String ADVICE =
      "Give --model the package of the replicas that ask this one; one model only.";

  /** How models are loaded: an answer replica has no encoder of its own. */
  @Bean
  LoadOptions loadOptions(
      SquintProperties properties, FeatureStore features, ObjectProvider<EncodeClient> clients) {
    LoadOptions options = properties.loadOptions().withFeatures(features);
    EncodeClient client = clients.getIfAvailable();
    return client == null
        ? options
        : options
            // The client bounds the requests; the work is done elsewhere.
            .withEncodings(Integer.MAX_VALUE)
            .withEncoder(
                graph ->
                    new RemoteVisionEncoder(
                        client, EncoderFingerprint.of(graph), FeatureBound.of(graph)));
  }

  /** Asks encode replicas. */
  @Bean(destroyMethod = "close")
  @ConditionalOnProperty(name = "squint.role", havingValue = "answer")
  EncodeClient encodeClient(ServerSettings settings, JsonMapper json, MeterRegistry registry) {
    return new EncodeClient(settings, json, registry);
  }

  /** The encoder of an encode replica. */
  @Bean(destroyMethod = "close")
  @ConditionalOnProperty(name = "squint.role", havingValue = "encode")
  EncodeService encodeService(
      SquintProperties properties,
      ModelLocator locator,
      LoadOptions options,
      ServerSettings settings) {
    try {
      Path folder = locator.locate(properties.model(), options.variants());
      ModelPackage files = ModelPackage.read(folder, options.variants(), options.family());
      Path graph = files.graph(Session.VISION_ENCODER);
      String fingerprint = EncoderFingerprint.of(graph);
      int waiting = settings.encode().queue();
      VisionEncoder encoder = PackageEncoder.open(files, options.settings(Session.VISION_ENCODER));
      return new EncodeService(
          EncoderCache.sharing(
              new BatchedEncoder(encoder, settings.encode().batchTiles(), options.encodings()),
              options.encoderCacheBytes(),
              waiting,
              options.features(),
              EncoderFingerprint.stored(fingerprint, encoder)),
          fingerprint);
    } catch (RuntimeException e) {
      throw InvalidSettingException.of("squint.model", properties.model(), ADVICE, e);
    }
  }

  /** Answer replicas ask over HTTP/2. */
  @Bean
  @ConditionalOnProperty(name = "squint.role", havingValue = "encode")
  WebServerFactoryCustomizer<NettyReactiveWebServerFactory> http2() {
    return factory -> {
      Http2 http2 = new Http2();
      http2.setEnabled(true);
      factory.setHttp2(http2);
      factory.addServerCustomizers(
          server ->
              server.doOnChannelInit(
                  (observer, channel, remote) -> BodylessUpgrade.addTo(channel.pipeline())));
    };
  }
}
