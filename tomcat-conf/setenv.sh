#!/bin/sh
# bin/setenv.sh of a stock Tomcat 11 that runs Sluice. Whatever the environment sets already stays.

# Streams need little heap: half a gigabyte carries thousands of connections. A full heap ends the process, so that
# what supervises it starts a sound one.
CATALINA_OPTS="-Xms64m -Xmx512m -Xss512k -XX:+ExitOnOutOfMemoryError ${CATALINA_OPTS:-}"

# The collector that keeps a small heap small; another one would hold a third more for the same connections.
case "$CATALINA_OPTS ${JAVA_OPTS:-}" in
  *-XX:+Use*GC*) ;;
  *) CATALINA_OPTS="-XX:+UseSerialGC $CATALINA_OPTS" ;;
esac

# Small buffers for each WebSocket: Tomcat's own cost an idle one 72 KB, these under 20.
CATALINA_OPTS="-Dorg.apache.tomcat.websocket.DEFAULT_BUFFER_SIZE=1024 $CATALINA_OPTS"

# Where Sluice listens; server.xml reads both.
CATALINA_OPTS="-Dsluice.http.port=${SLUICE_PORT:-8080} -Dsluice.http.address=${SLUICE_HOST:-0.0.0.0} $CATALINA_OPTS"
export CATALINA_OPTS

# SLUICE_DATABASE_URL=jdbc:postgresql://db.example:5432/sluice
# SLUICE_DATABASE_USER=sluice
# SLUICE_DATABASE_PASSWORD=...
# export SLUICE_DATABASE_URL SLUICE_DATABASE_USER SLUICE_DATABASE_PASSWORD
