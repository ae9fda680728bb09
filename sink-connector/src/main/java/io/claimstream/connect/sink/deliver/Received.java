/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.deliver;

import io.claimstream.connect.sink.write.WriteOutcome;
import java.util.List;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of the appends that were in flight.
 *
 * @param outcomes the known outcomes, at most one per append
 * @param failure the reason why the task must stop, in addition to the outcomes; or null
 */
public record Received(List<WriteOutcome> outcomes, @Nullable ConnectException failure) {}
