"""Requests a mission over AMQP and prints it: python3 ask.py [amqp://user:password@host:5672/%2f]"""
import sys
import uuid
import pika

url = sys.argv[1] if len(sys.argv) > 1 else "amqp://guest:guest@localhost:5672/%2f"
mission_id = str(uuid.uuid4())

def on_reply(channel, method, properties, body):
    if properties.correlation_id == mission_id:
        print(body.decode())
        channel.connection.close()
        sys.exit(properties.type != "missions")  # "problem": the body says why

channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
# Without confirms and mandatory nobody reports a request that no queue took. With them
# basic_publish returns when the broker has stored the request, and raises when it has not.
channel.confirm_delivery()
channel.basic_consume("amq.rabbitmq.reply-to", on_reply, auto_ack=True)
channel.basic_publish("mission.requests", "", b"{}", mandatory=True, properties=pika.BasicProperties(
    message_id=mission_id, correlation_id=mission_id, reply_to="amq.rabbitmq.reply-to", delivery_mode=2))
channel.start_consuming()
