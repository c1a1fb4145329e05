// nodemailer.js FOLDER PORT MAILS CONNECTIONS LINES: sends mails of text and HTML through a pool, as fast as it can.
'use strict';
const [folder, port, mails, connections, lines] = process.argv.slice(2);
const nodemailer = require(folder + '/node_modules/nodemailer');

const filler = 'Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy eirmod.\n'.repeat(Number(lines));
const transport = nodemailer.createTransport({
  host: '127.0.0.1', port: Number(port), secure: false, ignoreTLS: true,
  pool: true, maxConnections: Number(connections), maxMessages: Infinity,
});
let left = Number(mails);

for (let i = 0; i < Number(mails); i++) {
  transport.sendMail({
    from: 'Bench <bench@example.com>',
    to: `anna.gonzalez.${i}@mail.example.org`,
    subject: `Hello Anna ${i}`,
    text: `Hi Anna ${i}, your professional account is ready.\n${filler}`,
    html: `<p>Hi Anna ${i}, your professional account is ready.</p>\n${filler}`,
  }, (error) => {
    if (error) {
      console.error(error.message);
      process.exit(1);
    }
    if (--left === 0)
      transport.close();
  });
}
