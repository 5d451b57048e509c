// Publishes 1,000 requests at once and waits for a reply to each: node thousand.js URL
const { randomUUID } = require("node:crypto");
const amqp = require("amqplib");

const [COUNT, PATIENCE] = [1000, 120_000];

async function main(url) {
  setTimeout(() => ended("gave up"), PATIENCE).unref();
  const connection = await amqp.connect(url);
  const channel = await connection.createConfirmChannel();
  const missing = new Set(Array.from({ length: COUNT }, randomUUID));
  channel.on("return", () => ended("a request was returned"));
  const all = new Promise((resolve) => {
    const take = (reply) => {
      const { correlationId, type } = reply.properties;
      const { missions } = JSON.parse(reply.content.toString());
      const right = type === "missions" && missions.length === 1 && missions[0].id === correlationId;
      if (!right) ended(`a wrong reply: ${type} ${reply.content}`);
      if (!missing.delete(correlationId)) ended(`${correlationId} was answered twice, or not asked for`);
      if (missing.size === 0) resolve();
    };
    channel.consume("amq.rabbitmq.reply-to", take, { noAck: true });
  });
  for (const asked of missing) {
    const request = { messageId: asked, correlationId: asked, replyTo: "amq.rabbitmq.reply-to" };
    channel.publish("mission.requests", "", Buffer.from("{}"), { ...request, mandatory: true, persistent: true });
  }
  await channel.waitForConfirms();
  await all;
  await connection.close();
  console.log(`${COUNT} replies`);
}

function ended(why) {
  console.error(why);
  process.exit(1);
}

main(process.argv[2]).catch((error) => ended(error.stack));
