package dev.squint.webapp.http;

import dev.squint.webapp.ServerSettings;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.http.codec.multipart.DefaultPartHttpMessageReader;
import org.springframework.http.codec.multipart.MultipartHttpMessageReader;
import org.springframework.web.reactive.config.WebFluxConfigurer;

/** Reads bodies in memory, within the limits and in bounded time. */
@Configuration(proxyBeanMethods = false)
class HttpConfiguration {

  private static final int PART_HEADER_BYTES = 4 << 10;

  /** Fields of a form beside its files: question, plan and so on. */
  private static final int FIELDS = 23;

  /** Own event loops, so that closing one server does not affect others in the same process. */
  @Bean
  ReactorResourceFactory eventLoops() {
    ReactorResourceFactory loops = new ReactorResourceFactory();
    loops.setUseGlobalResources(false);
    // They stop after the web server, when all requests have ended.
    loops.setShutdownQuietPeriod(Duration.ZERO);
    return loops;
  }

  @Bean
  WebFluxConfigurer bodies(ServerSettings settings) {
    int most = Math.toIntExact(settings.limits().requestBytes().toBytes());
    return new WebFluxConfigurer() {
      @Override
      public void configureHttpMessageCodecs(ServerCodecConfigurer configurer) {
        configurer.defaultCodecs().maxInMemorySize(most);
        DefaultPartHttpMessageReader parts = new DefaultPartHttpMessageReader();
        // No part is written to a disk.
        parts.setMaxInMemorySize(most);
        parts.setMaxHeadersSize(PART_HEADER_BYTES);
        // One more than allowed, so that the error can name the limit of pictures.
        parts.setMaxParts(settings.limits().pictures() + FIELDS + 1);
        configurer.defaultCodecs().multipartReader(new MultipartHttpMessageReader(parts));
      }
    };
  }

  @Bean
  WebServerFactoryCustomizer<NettyReactiveWebServerFactory> timeouts(ServerSettings settings) {
    Duration body = settings.work().bodyTimeout();
    return factory ->
        factory.addServerCustomizers(
            server ->
                server
                    .idleTimeout(body)
                    .readTimeout(body)
                    .requestTimeout(body)
                    .doOnConnection(
                        connection ->
                            connection.addHandlerLast(
                                new WriteTimeoutHandler(body.toMillis(), TimeUnit.MILLISECONDS))));
  }
}
