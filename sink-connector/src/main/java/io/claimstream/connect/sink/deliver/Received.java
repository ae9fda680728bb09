/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * The replies to what was in flight.
 *
 * @param outcomes those that are known, each append at most once
 * @param failure why the task must stop, besides what an outcome says; or null
 */
public record Received(List<WriteOutcome> outcomes, @Nullable ConnectException failure) {}
