package dev.squint.webapp.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.swagger.v3.core.jackson.ModelResolver;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Fields have the names in the description that they have on the wire. The library that describes
 * reads annotations of Jackson 2 alone, and the types have those of Jackson 3.
 */
@Configuration(proxyBeanMethods = false)
class SchemaNames {

  @Bean
  ModelResolver snakeCase() {
    return new ModelResolver(
        new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE));
  }
}
