#!/bin/bash
# One broker that is its own controller (KRaft). Clients sign in with SCRAM; the broker and its controller talk on loopback. The first
# start formats the log's directory and sets the clients' password; whoever changes it later does so in the cluster (deploy/runbook.md).
set -euo pipefail
umask 077

home=${KAFKA_HOME:-/opt/kafka}
data=${KAFKA_DATA:-/var/lib/kafka/data}
port=${KAFKA_PORT:-9092}
work=${KAFKA_WORK:-/tmp}/kafka
export LOG_DIR=$work/logs
mkdir -p "$LOG_DIR"

cat >"$work/server.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=CLIENTS://0.0.0.0:$port,BROKERS://127.0.0.1:$((port + 2)),CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=CLIENTS://${KAFKA_ADVERTISED_HOST:?}:$port,BROKERS://127.0.0.1:$((port + 2))
listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKERS
listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
log.dirs=$data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
offsets.retention.minutes=525600
EOF

if [ ! -f "$data/meta.properties" ]; then
  "$home/bin/kafka-storage.sh" format --config "$work/server.properties" \
    --cluster-id "$("$home/bin/kafka-storage.sh" random-uuid)" \
    --add-scram "SCRAM-SHA-512=[name=custodia,password=${KAFKA_CLIENT_PASSWORD:?}]"
fi
unset KAFKA_CLIENT_PASSWORD
exec "$home/bin/kafka-server-start.sh" "$work/server.properties"
