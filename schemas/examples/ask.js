// Requests a mission over AMQP and prints it: node ask.js [amqp://user:password@host:5672/%2f]
const { randomUUID } = require("node:crypto");
const amqp = require("amqplib");

async function ask(url) {
  const connection = await amqp.connect(url);
  const channel = await connection.createConfirmChannel();
  const id = randomUUID();
  const reply = await new Promise((resolve, reject) => {
    const take = (reply) => reply.properties.correlationId === id && resolve(reply);
    channel.consume("amq.rabbitmq.reply-to", take, { noAck: true });
    // Without confirms and mandatory nobody reports a request that no queue took.
    channel.on("return", () => reject(new Error("no queue takes requests")));
    const confirmed = (refused) => refused && reject(refused);
    const request = { messageId: id, correlationId: id, replyTo: "amq.rabbitmq.reply-to" };
    const durable = { mandatory: true, persistent: true };
    channel.publish("mission.requests", "", Buffer.from("{}"), { ...request, ...durable }, confirmed);
  });
  console.log(reply.content.toString());
  await connection.close();
  return reply.properties.type === "missions" ? 0 : 1; // "problem": the body says why
}

ask(process.argv[2] ?? "amqp://guest:guest@localhost:5672/%2f").then(process.exit);
