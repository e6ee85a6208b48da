// Calls the library's methods as lines of JSON on standard input say, and answers each with a line of JSON.
'use strict';

const Cronofy = require('cronofy');

const clients = new Map();

function clientOf ({ client, url, config }) {
  if (!clients.has(client)) {
    const made = new Cronofy(config);
    made.urls.api = url; // the constructor takes no address
    clients.set(client, made);
  }
  return clients.get(client);
}

function called (client, { method, options, callback }) {
  if (!callback) return client[method](...options);
  return new Promise((resolve, reject) => {
    client[method](...options, (error, value) => (error ? reject(error) : resolve(value)));
  });
}

async function answer (asked) {
  const client = clientOf(asked);
  try {
    return { value: await called(client, asked), config: client.config };
  } catch (error) {
    return { refused: error.message, status: error.statusCode, told: error.error?.entity };
  }
}

async function main () {
  const lines = require('readline').createInterface({ input: process.stdin });
  for await (const line of lines) {
    process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + '\n');
  }
}

if (process.argv[2] === 'methods') {
  console.log(JSON.stringify(Object.keys(Cronofy.prototype).filter((name) => !name.startsWith('_'))));
} else {
  main();
}
