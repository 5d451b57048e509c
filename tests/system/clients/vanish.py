"""Asks 200 times and is gone before the reply, its socket reset: python3 vanish.py URL"""
import os
import socket
import struct
import sys
import uuid

import pika

COUNT = 200


def vanish():
    """Ends this process without a word to the broker; its sockets are reset, not closed."""
    for name in os.listdir("/proc/self/fd"):
        try:
            with socket.socket(fileno=os.dup(int(name))) as each:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # no socket
    os._exit(0)


def ask(url):
    asked = str(uuid.uuid4())
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    channel.confirm_delivery()
    channel.basic_consume("amq.rabbitmq.reply-to", lambda *reply: None, auto_ack=True)
    channel.basic_publish("mission.requests", "", b"{}", mandatory=True, properties=pika.BasicProperties(
        message_id=asked, correlation_id=asked, reply_to="amq.rabbitmq.reply-to", delivery_mode=2))


for _ in range(COUNT):
    child = os.fork()
    if child == 0:
        try:
            ask(sys.argv[1])
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        vanish()
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("a request was not taken")
print(f"{COUNT} vanished")
