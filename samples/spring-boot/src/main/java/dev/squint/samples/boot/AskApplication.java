package dev.squint.samples.boot;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Answers questions about uploaded pictures: {@code mvn spring-boot:run}. */
@SpringBootApplication
public class AskApplication {

  public static void main(String[] args) {
    SpringApplication.run(AskApplication.class, args);
  }
}
