"""How RabbitMQ keeps passwords."""

import base64
import hashlib


def rabbitmq_hash(password, user):
    """Salted SHA-256. The salt follows from both, so that the same password gives the same file."""
    salt = hashlib.sha256(f"{user}:{password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


class FilterModule:
    """What Ansible looks for."""

    def filters(self):
        """The filters of this file, by name."""
        return {"rabbitmq_hash": rabbitmq_hash}
