/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import com.redis.testcontainers.RedisContainer;
import io.claimstream.stack.ConnectWorker;
import io.claimstream.stack.LocalStack;
import io.claimstream.stack.SchemaRegistry;
import io.claimstream.stack.StackFiles;
import java.nio.file.Path;
import java.util.Optional;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** Kafka and Redis in containers; the worker and the registry are processes as ever. */
record ContainerServers(
    RedisContainer redis, KafkaContainer kafka, SchemaRegistry registry, ConnectWorker connect)
    implements Stack.Servers {

  @SuppressWarnings("resource") // Testcontainers ends them with this JVM
  static ContainerServers start(Path dir, Path plugins) {
    RedisContainer redis = new RedisContainer(image("docker.redis"));
    KafkaContainer kafka = new KafkaContainer(image("docker.kafka"));
    redis.start();
    kafka.start();
    StackFiles files = StackFiles.locate();
    return new ContainerServers(
        redis,
        kafka,
        SchemaRegistry.start(files, dir.resolve("registry"), 0),
        ConnectWorker.start(
            files, dir.resolve("connect"), 0, kafka.getBootstrapServers(), plugins, Stack.WORKER));
  }

  private static DockerImageName image(String property) {
    return DockerImageName.parse(System.getProperty(property, ""));
  }

  @Override
  public String redisUri() {
    return redis.getRedisURI();
  }

  @Override
  public String bootstrapServers() {
    return kafka.getBootstrapServers();
  }

  @Override
  public Optional<LocalStack> processes() {
    return Optional.empty();
  }
}
