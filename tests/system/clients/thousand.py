"""Publishes 1,000 requests at once and waits for a reply to each: python3 thousand.py URL"""
import json
import sys
import uuid

import pika

COUNT, PATIENCE = 1000, 120

missing = {str(uuid.uuid4()) for _ in range(COUNT)}


def on_reply(channel, method, properties, body):
    asked = properties.correlation_id
    missions = json.loads(body)["missions"] if properties.type == "missions" else body
    if [mission["id"] for mission in missions] != [asked]:
        sys.exit(f"a wrong reply: {properties.type} {body}")
    if asked not in missing:
        sys.exit(f"{asked} was answered twice, or not asked for")
    missing.remove(asked)
    if not missing:
        channel.stop_consuming()


connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
connection.call_later(PATIENCE, lambda: sys.exit(f"gave up: {len(missing)} are missing"))
channel = connection.channel()  # no confirms: pika would wait for each, and nothing be at once
channel.add_on_return_callback(lambda *returned: sys.exit("a request was returned"))
channel.basic_consume("amq.rabbitmq.reply-to", on_reply, auto_ack=True)
for asked in list(missing):
    channel.basic_publish("mission.requests", "", b"{}", mandatory=True, properties=pika.BasicProperties(
        message_id=asked, correlation_id=asked, reply_to="amq.rabbitmq.reply-to", delivery_mode=2))
channel.start_consuming()
connection.close()
print(f"{COUNT} replies")
