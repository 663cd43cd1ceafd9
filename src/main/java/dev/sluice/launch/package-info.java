/**
 * {@code java -jar sluice.war}: unpacks the WAR, starts the embedded PostgreSQL and Tomcat, and stops them in order.
 * Alone knows {@code org.apache.catalina} and the database's binaries; sees only the settings. Packed at the root of the
 * WAR, never in {@code WEB-INF/classes}.
 */
@NullMarked
package dev.sluice.launch;

import org.jspecify.annotations.NullMarked;
