"""Asks for a mission over AMQP and prints it: python3 ask.py [amqp://user:password@host:5672/%2f]"""
import sys
import uuid
import pika

url = sys.argv[1] if len(sys.argv) > 1 else "amqp://guest:guest@localhost:5672/%2f"
asked = str(uuid.uuid4())

def on_reply(channel, method, properties, body):
    if properties.correlation_id == asked:
        print(body.decode())
        channel.connection.close()
        sys.exit(properties.type != "missions")  # "problem": the body says why

channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
# Without confirms and mandatory, a request that no queue took is gone and nobody says so. With
# them basic_publish returns when the request stands, and raises when it does not.
channel.confirm_delivery()
channel.basic_consume("amq.rabbitmq.reply-to", on_reply, auto_ack=True)
channel.basic_publish("mission.requests", "", b"{}", mandatory=True, properties=pika.BasicProperties(
    message_id=asked, correlation_id=asked, reply_to="amq.rabbitmq.reply-to", delivery_mode=2))
channel.start_consuming()
