// Says who it is: /, and /healthy for those who ask whether it is.
const express = require('express');
const os = require('os');

const app = express();
app.get('/', (request, response) => response.type('text').send(`${process.env.GREETING ?? 'Hello'} from ${os.hostname()}\n`));
app.get('/healthy', (request, response) => response.sendStatus(200));
const server = app.listen(8080);
// Whoever is stopped ends what it began.
process.on('SIGTERM', () => server.close(() => process.exit(0)));
