/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.storage.Converter;
import org.jspecify.annotations.Nullable;

/**
 * A converter around another one, {@code delegate}, that waits while the schema registry is
 * unavailable. Connect itself treats every exception of a converter as a bad record: with {@code
 * errors.tolerance=all} an outage of the registry dead-letters good records, and with {@code none}
 * it fails the task. The delegate's exceptions for bad records are rethrown unchanged.
 *
 * <p>All settings except {@code delegate} are the delegate's. The jar must be in the delegate's
 * folder. Used by the task's thread, like any converter.
 */
public final class RegistryConverter implements Converter {
  /** The class of the converter that does the work. */
  static final String DELEGATE = "delegate";

  private static final ConfigDef CONFIG =
      new ConfigDef()
          .define(
              DELEGATE,
              ConfigDef.Type.STRING,
              ConfigDef.NO_DEFAULT_VALUE,
              ConfigDef.LambdaValidator.with(
                  (name, value) -> load(name, value), () -> "a converter beside this one"),
              ConfigDef.Importance.HIGH,
              "Class of the converter that does the work, such as"
                  + " io.apicurio.registry.utils.converter.AvroConverter or"
                  + " io.confluent.connect.avro.AvroConverter. All other settings are passed on to"
                  + " it. It is looked for beside this converter first, then among the worker's"
                  + " plugins.");

  private @Nullable Configured configured;

  private record Configured(Converter delegate, RegistryWait registry) {}

  /** The constructor that Connect calls; {@link #configure} follows. */
  public RegistryConverter() {}

  @Override
  public ConfigDef config() {
    return CONFIG;
  }

  @Override
  public String version() {
    String version = RegistryConverter.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    Converter made = make(load(DELEGATE, configs.get(DELEGATE)));
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // converters load classes that their settings name by the context's loader
    thread.setContextClassLoader(made.getClass().getClassLoader());
    try {
      made.configure(configs, isKey);
    } finally {
      thread.setContextClassLoader(before);
    }
    configured =
        new Configured(made, new RegistryWait(addressIn(configs), isKey ? "key" : "value"));
  }

  /** Returns the registry's address for messages, without user, password and parameters. */
  private static String addressIn(Map<String, ?> configs) {
    for (String setting : List.of("apicurio.registry.url", "schema.registry.url")) {
      if (configs.get(setting) instanceof String url) {
        return url.replaceAll("//[^/,]*@", "//").replaceAll("[?#][^,]*", "");
      }
    }
    return "of the converter";
  }

  private static Class<? extends Converter> load(String setting, @Nullable Object name) {
    if (name == null) {
      throw new ConfigException(
          setting,
          null,
          "name the converter that does the work, such as Apicurio's or Confluent's");
    }
    if (name.equals(RegistryConverter.class.getName())) {
      throw new ConfigException(setting, name, "is this converter itself");
    }
    try {
      return Class.forName(name.toString(), false, RegistryConverter.class.getClassLoader())
          .asSubclass(Converter.class);
    } catch (ClassNotFoundException | LinkageError e) {
      throw new ConfigException(
          setting,
          name,
          "could not be loaded ("
              + e
              + "). Put the jar of "
              + RegistryConverter.class.getSimpleName()
              + " into the folder of that converter");
    } catch (ClassCastException e) {
      throw new ConfigException(setting, name, "is no converter");
    }
  }

  private static Converter make(Class<? extends Converter> type) {
    try {
      return type.getConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new ConfigException(DELEGATE, type.getName(), "could not be instantiated: " + e);
    }
  }

  @Override
  public byte @Nullable [] fromConnectData(
      String topic, @Nullable Schema schema, @Nullable Object value) {
    return convert(topic, to -> to.fromConnectData(topic, schema, value));
  }

  @Override
  public byte @Nullable [] fromConnectData(
      String topic, Headers headers, @Nullable Schema schema, @Nullable Object value) {
    return convert(topic, to -> to.fromConnectData(topic, headers, schema, value));
  }

  @Override
  public SchemaAndValue toConnectData(String topic, byte @Nullable [] value) {
    return convert(topic, from -> from.toConnectData(topic, value));
  }

  @Override
  public SchemaAndValue toConnectData(String topic, Headers headers, byte @Nullable [] value) {
    return convert(topic, from -> from.toConnectData(topic, headers, value));
  }

  private <T extends @Nullable Object> T convert(String topic, Function<Converter, T> conversion) {
    Configured now = configured;
    if (now == null) {
      throw new IllegalStateException("not configured");
    }
    try {
      return conversion.apply(now.delegate());
    } catch (RuntimeException e) {
      return now.registry().retry(topic, e, () -> conversion.apply(now.delegate()));
    }
  }

  @Override
  public void close() throws IOException {
    // before Kafka 3.8 a converter had no close of its own, but Apicurio's had one all the same
    if (configured != null && (Object) configured.delegate() instanceof Closeable closeable) {
      closeable.close();
    }
  }
}
