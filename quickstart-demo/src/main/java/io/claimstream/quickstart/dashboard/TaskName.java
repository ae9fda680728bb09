/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

/**
 * A task of a connector.
 *
 * @param connector the connector's name
 * @param task the task's number
 */
record TaskName(String connector, String task) {}
