/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

/**
 * A problem with a setting.
 *
 * @param setting the setting to change
 * @param text the description, without any secret
 */
record Problem(String setting, String text) {}
