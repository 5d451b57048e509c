// The product as a system: a process for each role, on a virtual host of RabbitMQ and a database of
// MariaDB that nobody else uses. `cargo xtask browser` starts both servers.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { run } from "./product.mjs";
import { eventually } from "./waiting.mjs";

const { SPYMISSION_TEST_AMQP: AMQP, SPYMISSION_TEST_RABBIT_MANAGEMENT: MANAGEMENT, SPYMISSION_TEST_MYSQL: MYSQL } = process.env;
const WORKERS = ["number", "letter", "decider", "persister"];

// Why a test on them is skipped; false if they are there.
export const MISSING = AMQP && MANAGEMENT && MYSQL ? false : "RabbitMQ and MariaDB are not there: cargo xtask browser --install";

// Starts one process of each role, the gateway with these flags; the test ends them. `begin` and `end` are
// for one worker by the name of its role, `sql` is for a statement about its database.
export const system = async (t, ...flags) => {
  const name = `browser_${randomUUID().slice(0, 8)}`;
  await broker("PUT", `vhosts/${name}`);
  await broker("PUT", `permissions/${name}/guest`, { configure: ".*", write: ".*", read: ".*" });
  await mariadb(`CREATE DATABASE ${name}`);
  const variables = {
    SPYMISSION_BROKER: `${AMQP.replace(/\/+$/, "")}/${name}`,
    SPYMISSION_DATABASE: `${MYSQL.replace(/\/+$/, "")}/${name}`,
  };
  const running = new Map();
  const begin = (role) => running.set(role, run(t, ["worker", role], variables));
  const end = (role) => running.get(role).stop();
  t.after(async () => {
    for (const { stop } of running.values()) await stop();
    await broker("DELETE", `vhosts/${name}`);
    await mariadb(`DROP DATABASE ${name}`);
  });
  const migrate = run(t, ["migrate"], variables);
  const [code] = await migrate.ended;
  if (code !== 0) throw new Error(`migrate: ${migrate.log()}`);
  WORKERS.forEach(begin);
  const gateway = run(t, ["gateway", "--listen", "127.0.0.1:0", "--drain", "1", ...flags], variables);
  running.set("gateway", gateway);
  const [, address] = await eventually("the gateway's address", () => gateway.log().match(/listen\W+(127\.0\.0\.1:\d+)/));
  const url = `http://${address}`;
  await eventually("the gateway is ready", () => fetch(`${url}/readyz`).then(({ ok }) => ok, () => false));
  return { url, begin, end, sql: (statement) => mariadb(statement, name) };
};

// RabbitMQ's management API.
const broker = async (method, path, body) => {
  const { username, password } = new URL(AMQP);
  const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}`, "content-type": "application/json" };
  const answer = await fetch(`${MANAGEMENT}/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
};

// MariaDB's own client.
const mariadb = (statement, ...database) => {
  const { hostname, port, username } = new URL(MYSQL);
  const at = ["--host", hostname, "--port", port, "--user", username];
  return promisify(execFile)("mariadb", [...at, "--execute", statement, ...database]);
};
