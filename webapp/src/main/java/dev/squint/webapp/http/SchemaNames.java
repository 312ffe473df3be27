package dev.squint.webapp.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.swagger.v3.core.jackson.ModelResolver;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Names fields in the OpenAPI document as in JSON. springdoc reads annotations of Jackson 2 only,
 * and the types have annotations of Jackson 3.
 */
@Configuration(proxyBeanMethods = false)
class SchemaNames {

  @Bean
  ModelResolver snakeCase() {
    return new ModelResolver(
        new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE));
  }
}
